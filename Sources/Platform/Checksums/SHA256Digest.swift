/// A SHA-256 checksum.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The length of a checksum.
  package static let byteCount = 32

  /// The 32 bytes.
  public let bytes: [UInt8]

  /// A checksum whose bytes are known.
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

  /// The checksum of a part of an array of bytes.
  public init(of bytes: ArraySlice<UInt8>) {
    self = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
  }

  /// The checksum of a file, read in blocks.
  ///
  /// - Parameter isWanted: asked before each block; once it says no, the rest of the file does not count.
  public init(ofFile path: String, isWanted: () -> Bool = { true }) throws(FileError) {
    let file = try FileDescriptor.reading(path)
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

  /// The checksum in 64 lower-case hex digits.
  public var description: String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
