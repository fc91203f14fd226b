import CZlib
import Platform

/// The bytes of a file, or of what it expands to, read at any offset.
///
/// Compressed bytes can only be expanded from the front. So the last two blocks are kept, which serve readers that move
/// forward, and one that goes further back starts again.
final class UnpackedBytes {
  private static let blockBytes = 1 << 18

  private let packed: PackedFile
  private let file: OpenFile
  /// The range of the file with the bytes, compressed or not.
  private let range: Range<Int>
  private let isCompressed: Bool
  private var inflater: Inflater?
  private let blocks: UnsafeMutableRawBufferPointer
  /// Which two blocks are kept, counted from 0, and how many bytes they have; -1 for none.
  private var kept = [(number: -1, count: 0), (number: -1, count: 0)]
  /// The number of the block that the inflater would give next.
  private var next = 0

  /// Opens a file; what it expands to is not looked at yet.
  init(_ packed: PackedFile) throws(PackedFileError) {
    self.packed = packed
    let size: Int
    do throws(FileError) {
      let file = try OpenFile.reading(packed.path)
      size = try file.size()
      self.file = file
    } catch {
      throw packed.failure(.unreadable(error.reason, isRegular: !error.isNotRegular))
    }
    switch packed.packing {
    case .plain: (range, isCompressed) = (0..<size, false)
    case .gzip: (range, isCompressed) = (0..<size, true)
    case .zip(let member):
      let whole = try UnpackedBytes(PackedFile(path: packed.path, packing: .plain))
      (range, isCompressed) = (try member.data(in: whole, fileSize: size, packed), member.method != 0)
    }
    blocks = .allocate(byteCount: isCompressed ? 2 * Self.blockBytes : 0, alignment: 64)
  }

  deinit { blocks.deallocate() }

  /// Fills the buffer from `offset` on. Returns the number of bytes read, fewer than its size only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(PackedFileError) -> Int {
    guard isCompressed else {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(max(0, range.count - offset)))
      do throws(FileError) { return try file.read(into: rest, at: range.lowerBound + offset) } catch {
        throw packed.failure(.unreadable(error.reason, isRegular: !error.isNotRegular))
      }
    }
    var count = 0
    while count < buffer.count {
      let (number, start) = (offset + count).quotientAndRemainder(dividingBy: Self.blockBytes)
      let block = try self.block(number)
      guard start < block.count else { break }
      let part = UnsafeRawBufferPointer(rebasing: block[start..<min(block.count, start + buffer.count - count)])
      UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + part.count]).copyMemory(from: part)
      count += part.count
    }
    return count
  }

  /// The `count` bytes at `offset`, all of which must be there. For small counts, or such that the file is known to have.
  func array(at offset: Int, count: Int) throws(PackedFileError) -> [UInt8] {
    let bytes = try prefix(count, at: offset)
    guard bytes.count == count else { throw packed.failure(.truncated) }
    return bytes
  }

  /// The `count` bytes at `offset`, or as many as there are.
  func prefix(_ count: Int, at offset: Int = 0) throws(PackedFileError) -> [UInt8] {
    var outcome = Result<Void, PackedFileError>.success(())
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(PackedFileError) {
        initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      } catch {
        outcome = .failure(error)
      }
    }
    try outcome.get()
    return bytes
  }

  /// The most bytes that there may be.
  var limit: Int { isCompressed ? Unpacking.limit(range.count) : .max }

  /// The number of bytes; expands all of them, which also checks them.
  ///
  /// - Parameter isWorthwhile: looks at the first block; if it returns false, the rest is not expanded, and the number is of the
  ///   block's bytes.
  func measure(isWorthwhile: (UnsafeRawBufferPointer) -> Bool = { _ in true }) throws(PackedFileError) -> Int {
    guard isCompressed else { return range.count }
    let first = try block(0)
    guard isWorthwhile(first), first.count == Self.blockBytes else { return first.count }
    var number = 0
    while true {
      number += 1
      let count = try block(number).count
      if count < Self.blockBytes { return number * Self.blockBytes + count }
    }
  }

  /// Checks the lengths and checksums that the file claims, and returns the number of bytes; a plain file claims nothing.
  func check() throws(PackedFileError) -> Int {
    if case .zip(let member) = packed.packing, !isCompressed { try checkStored(member) }
    return try measure()
  }

  private func checkStored(_ member: ZipMember) throws(PackedFileError) {
    var (sum, offset): (UInt, Int) = (0, 0)
    while offset < range.count {
      let bytes = try array(at: offset, count: min(Self.blockBytes, range.count - offset))
      sum = crc32_z(sum, bytes, bytes.count)
      offset += bytes.count
    }
    guard sum == UInt(member.checksum) else { throw packed.failure(.damaged("its checksum is wrong")) }
  }

  /// A block of the expanded bytes, shorter than the others only if it is the last; empty beyond that.
  private func block(_ number: Int) throws(PackedFileError) -> UnsafeRawBufferPointer {
    let slot = number % 2
    if kept[slot].number != number {
      if number < next || inflater == nil { try restart() }
      while next <= number { try expandNext() }
    }
    let start = slot * Self.blockBytes
    return UnsafeRawBufferPointer(rebasing: blocks[start..<start + kept[slot].count])
  }

  private func restart() throws(PackedFileError) {
    kept = [(-1, 0), (-1, 0)]
    next = 0
    inflater = try Inflater(packed, range)
  }

  private func expandNext() throws(PackedFileError) {
    guard let inflater else { return }
    let slot = next % 2
    let start = slot * Self.blockBytes
    kept[slot] = (-1, 0)
    let count = try inflater.read(
      into: UnsafeMutableRawBufferPointer(rebasing: blocks[start..<start + Self.blockBytes]))
    kept[slot] = (next, count)
    next += 1
  }
}
