import Platform

/// The directory of a zip archive (PKWARE's APPNOTE 6.3), with ZIP64's sizes. Every offset and size in it is checked against
/// the file before it is used.
struct ZipArchive {
  /// The files, without folders and what macOS adds.
  let members: [ZipMember]

  /// A directory larger than that is refused: it would have millions of files.
  private static let mostDirectoryBytes = 1 << 28
  private static let endBytes = 22, locatorBytes = 20, end64Bytes = 56

  /// Reads the directory of the archive at `path`.
  init(path: String) throws(PackedFileError) {
    let file = PackedFile(path: path, packing: .plain)
    let bytes = try UnpackedBytes(file)
    let directory = try Self.directory(bytes, size: bytes.measure(), file)
    members = try Self.members(directory.bytes, directory.count, file)
  }

  private static func inconsistent(_ file: PackedFile, _ what: String) -> PackedFileError {
    file.failure(.inconsistent(what))
  }

  /// The bytes of the directory, and the number of entries that it should have.
  private static func directory(
    _ bytes: UnpackedBytes, size: Int, _ file: PackedFile
  ) throws(PackedFileError) -> (bytes: [UInt8], count: Int) {
    guard size > 0 else { throw file.failure(.empty) }
    guard size >= endBytes else { throw file.failure(.truncated) }
    // The end's record has a comment of up to 65,535 bytes after it.
    let tailStart = max(0, size - endBytes - 0xFFFF - locatorBytes)
    let tail = try bytes.array(at: tailStart, count: size - tailStart)
    guard
      let end = stride(from: tail.count - endBytes, through: 0, by: -1).first(where: {
        tail.littleEndian(at: $0, 4) == 0x0605_4B50
      })
    else { throw file.failure(.truncated) }
    var (count, length, offset) = (
      tail.littleEndian(at: end + 10, 2), tail.littleEndian(at: end + 12, 4), tail.littleEndian(at: end + 16, 4)
    )
    if count == 0xFFFF || length == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      let locator = end - locatorBytes
      guard locator >= 0, tail.littleEndian(at: locator, 4) == 0x0706_4B50 else {
        throw inconsistent(file, "its ZIP64 record is missing")
      }
      let at = tail.littleEndian(at: locator + 8, 8)
      guard at >= 0, at <= size - end64Bytes else { throw inconsistent(file, "its ZIP64 record lies outside of it") }
      let end64 = try bytes.array(at: at, count: end64Bytes)
      guard end64.littleEndian(at: 0, 4) == 0x0606_4B50 else { throw inconsistent(file, "it has no ZIP64 record") }
      (count, length, offset) = (
        end64.littleEndian(at: 32, 8), end64.littleEndian(at: 40, 8), end64.littleEndian(at: 48, 8)
      )
    }
    guard offset >= 0, length >= 0, count >= 0, offset <= size, length <= size - offset, length <= mostDirectoryBytes
    else { throw inconsistent(file, "its directory lies outside of it") }
    return (try bytes.array(at: offset, count: length), count)
  }

  private static func members(
    _ directory: [UInt8], _ count: Int, _ file: PackedFile
  ) throws(PackedFileError) -> [ZipMember] {
    var (members, position, seen) = ([ZipMember](), 0, 0)
    while position < directory.count {
      guard directory.count - position >= ZipMember.entryBytes,
        directory.littleEndian(at: position, 4) == 0x0201_4B50
      else { throw inconsistent(file, "an entry of its directory is none") }
      let (member, length) = try ZipMember.parse(directory[position...], file)
      position += length
      seen += 1
      let isOther = member.name.hasSuffix("/") || member.name.hasPrefix("__MACOSX/") || member.name.isEmpty
      if !isOther { members.append(member) }
    }
    guard seen == count else { throw inconsistent(file, "it has \(seen) entries, not \(count)") }
    return members
  }
}

/// A file in a zip archive, as the archive's directory describes it.
struct ZipMember: Hashable, Sendable {
  let name: String
  /// 0 for stored, 8 for DEFLATE.
  let method: Int
  let isEncrypted: Bool
  let checksum: UInt32
  let compressedSize: Int
  let size: Int
  /// Where its header begins in the file.
  let headerOffset: Int

  /// The bytes of an entry of the directory, and of the header before the data, without the name and what follows it.
  static let entryBytes = 46, headerBytes = 30

  /// Parses an entry at the start of `bytes`, which has at least `entryBytes`. Returns also its length.
  fileprivate static func parse(
    _ bytes: ArraySlice<UInt8>, _ file: PackedFile
  ) throws(PackedFileError) -> (ZipMember, length: Int) {
    let start = bytes.startIndex
    let (nameLength, extraLength, commentLength) = (
      bytes.littleEndian(at: start + 28, 2), bytes.littleEndian(at: start + 30, 2),
      bytes.littleEndian(at: start + 32, 2)
    )
    let length = entryBytes + nameLength + extraLength + commentLength
    guard length <= bytes.count else { throw file.failure(.inconsistent("an entry of its directory is cut off")) }
    let name = bytes[(start + entryBytes)..<(start + entryBytes + nameLength)]
    var sizes = [24, 20, 42].map { bytes.littleEndian(at: start + $0, 4) }
    // Numbers that need more than 4 bytes are in an extra field, in this order, and only these.
    var extra = bytes[(start + entryBytes + nameLength)..<(start + entryBytes + nameLength + extraLength)]
    while extra.count >= 4 {
      let (kind, count) = (extra.littleEndian(at: extra.startIndex, 2), extra.littleEndian(at: extra.startIndex + 2, 2))
      guard count <= extra.count - 4 else { break }
      var field = extra.dropFirst(4).prefix(count)
      if kind == 1 {
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF && field.count >= 8 {
          sizes[index] = field.littleEndian(at: field.startIndex, 8)
          field = field.dropFirst(8)
        }
      }
      extra = extra.dropFirst(4 + count)
    }
    guard sizes.allSatisfy({ $0 >= 0 }) else { throw file.failure(.inconsistent("a size in it is absurd")) }
    let member = ZipMember(
      name: String(decoding: name, as: UTF8.self), method: bytes.littleEndian(at: start + 10, 2),
      isEncrypted: bytes.littleEndian(at: start + 8, 2) & 1 != 0,
      checksum: UInt32(truncatingIfNeeded: bytes.littleEndian(at: start + 16, 4)), compressedSize: sizes[1],
      size: sizes[0], headerOffset: sizes[2])
    return (member, length)
  }

  /// The range of its compressed bytes in the file.
  func data(in bytes: UnpackedBytes, fileSize: Int, _ packed: PackedFile) throws(PackedFileError) -> Range<Int> {
    guard !isEncrypted else { throw packed.failure(.encrypted) }
    guard method == 0 || method == 8 else { throw packed.failure(.method(method)) }
    guard method == 8 || size == compressedSize else { throw packed.failure(.inconsistent("a size in it is absurd")) }
    guard size <= Unpacking.limit(compressedSize) else { throw packed.failure(.expandsTooMuch) }
    guard headerOffset <= fileSize - Self.headerBytes else { throw packed.failure(.truncated) }
    let header = try bytes.array(at: headerOffset, count: Self.headerBytes)
    guard header.littleEndian(at: 0, 4) == 0x0403_4B50 else {
      throw packed.failure(.inconsistent("a member's header is not where the directory says"))
    }
    let start = headerOffset + Self.headerBytes + header.littleEndian(at: 26, 2) + header.littleEndian(at: 28, 2)
    guard start <= fileSize, compressedSize <= fileSize - start else { throw packed.failure(.truncated) }
    return start..<start + compressedSize
  }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
  /// The unsigned number in `count` bytes from index `at` on, the lowest byte first; of 8 bytes, negative if it is above `Int.max`.
  func littleEndian(at index: Int, _ count: Int) -> Int {
    var value: UInt64 = 0
    for offset in (0..<count).reversed() { value = value << 8 | UInt64(self[index + offset]) }
    return Int(truncatingIfNeeded: value)
  }

  /// The same with the highest byte first.
  func bigEndian(at index: Int, _ count: Int) -> Int {
    var value: UInt64 = 0
    for offset in 0..<count { value = value << 8 | UInt64(self[index + offset]) }
    return Int(truncatingIfNeeded: value)
  }
}
