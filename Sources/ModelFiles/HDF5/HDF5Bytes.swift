import Platform

/// The bytes of an HDF5 file: in memory, or on disk and read where they are needed.
protocol HDF5Bytes: AnyObject {
  /// The number of bytes.
  var size: Int { get }
  /// How many were read so far, also those that were read again.
  var taken: Int { get set }
  /// Fills the buffer from `offset` on; the range lies within the file.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(HDF5Error)
}

extension HDF5Bytes {
  /// The most bytes that are read of a file: a damaged one may lead to the same places again and again.
  private var limit: Int { 8 * size + (1 << 22) }

  /// The `count` bytes at an address, which both may be anything.
  func bytes(at address: Int, count: Int) throws(HDF5Error) -> [UInt8] {
    guard address >= 0, count >= 0, address <= size, count <= size - address else { throw HDF5Error(.truncated) }
    taken += count + 8
    guard taken <= limit else { throw .damaged("its parts lead to one another without end") }
    var outcome = Result<Void, HDF5Error>.success(())
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(HDF5Error) {
        try read(into: UnsafeMutableRawBufferPointer(buffer), at: address)
        initialized = count
      } catch {
        outcome = .failure(error)
      }
    }
    try outcome.get()
    return bytes
  }

  /// A part that is read from its beginning on.
  func part(at address: Int, count: Int) throws(HDF5Error) -> HDF5Part {
    HDF5Part(try bytes(at: address, count: count))
  }
}

/// Bytes in memory.
final class HDF5Memory: HDF5Bytes {
  private let bytes: [UInt8]
  var taken = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var size: Int { bytes.count }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
    bytes.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
    }
  }
}

/// A file on disk.
final class HDF5OnDisk: HDF5Bytes {
  private let file: OpenFile
  let size: Int
  var taken = 0

  init(path: String) throws(FileError) {
    let file = try OpenFile.reading(path)
    size = try file.size()
    self.file = file
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(HDF5Error) {
    let count: Int
    do throws(FileError) { count = try file.read(into: buffer, at: offset) } catch {
      throw HDF5Error(.unreadable("\(error)"))
    }
    guard count == buffer.count else { throw HDF5Error(.truncated) }
  }
}

/// A part of a file, read from its beginning on. Numbers are unsigned, the lowest byte first.
struct HDF5Part {
  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The bytes that are left.
  var rest: Int { bytes.count - position }

  /// Takes a number of `count` bytes, at most 8. One of 8 bytes that is above `Int.max` is negative, as is the address of what
  /// is not there (all bits set).
  mutating func number(_ count: Int) throws(HDF5Error) -> Int {
    guard count <= rest else { throw HDF5Error(.truncated) }
    var value: UInt64 = 0
    for index in (position..<position + count).reversed() { value = value << 8 | UInt64(bytes[index]) }
    position += count
    return Int(truncatingIfNeeded: value)
  }

  /// Takes `count` bytes.
  mutating func take(_ count: Int) throws(HDF5Error) -> [UInt8] {
    guard count >= 0, count <= rest else { throw HDF5Error(.truncated) }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// Leaves out `count` bytes.
  mutating func skip(_ count: Int) throws(HDF5Error) {
    guard count >= 0, count <= rest else { throw HDF5Error(.truncated) }
    position += count
  }

  /// Takes four letters that must be there.
  mutating func signature(_ letters: String) throws(HDF5Error) {
    guard try take(letters.utf8.count).elementsEqual(letters.utf8) else {
      throw .damaged("'\(letters)' is not where it should be")
    }
  }
}

extension [UInt8] {
  /// The text up to the first zero.
  var terminatedText: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}
