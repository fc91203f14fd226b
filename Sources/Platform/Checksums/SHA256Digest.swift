/// A SHA-256 checksum.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The length of a checksum in bytes.
  package static let byteCount = 32

  /// The 32 bytes.
  public let bytes: [UInt8]

  /// A checksum from its 32 bytes.
  package init(bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a SHA-256 checksum has 32 bytes")
    self.bytes = bytes
  }

  /// The checksum of bytes in memory.
  public init(of bytes: UnsafeRawBufferPointer) {
    var hash = SHA256()
    hash.update(bytes)
    self = hash.finalize()
  }

  /// The checksum of an array of bytes.
  public init(of bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
  }

  /// The checksum of an array slice.
  public init(of bytes: ArraySlice<UInt8>) {
    self = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
  }

  /// The checksum of a file, read in blocks.
  ///
  /// - Parameter isWanted: called before each block. If it returns false, reading stops and the checksum is of the bytes
  ///   read so far.
  public init(ofFile path: String, isWanted: () -> Bool = { true }) throws(FileError) {
    let file = try OpenFile.reading(path)
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { block.deallocate() }
    var hash = SHA256()
    while isWanted() {
      let count = try file.read(into: block)
      guard count > 0 else { break }
      hash.update(UnsafeRawBufferPointer(rebasing: block.prefix(count)))
    }
    self = hash.finalize()
  }

  /// The checksum as 64 lower-case hexadecimal digits.
  public var description: String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
