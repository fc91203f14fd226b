/// An open file, or what it expands to, that is read at given offsets; closed when this value is destroyed.
struct CSVSource: ~Copyable {
  /// The file, or the archive's member, as errors name it.
  let path: String
  /// The size in bytes when it was opened.
  let size: Int
  private let bytes: UnpackedBytes

  /// Opens a regular file for reading; does not block on a pipe without a writer.
  ///
  /// What is compressed is expanded once to know its size, and so checked as a whole, unless its beginning shows that it is no
  /// text: then the size is that of the beginning.
  ///
  /// - Parameter size: the size, if it is known already.
  init(_ packed: PackedFile, size known: Int? = nil) throws(CSVError) {
    let opened = try Self.opened(packed, known)
    path = packed.name
    (bytes, size) = opened
  }

  private static func opened(_ packed: PackedFile, _ known: Int?) throws(CSVError) -> (UnpackedBytes, size: Int) {
    do throws(PackedFileError) {
      let bytes = try UnpackedBytes(packed)
      if let known, packed.packing != .plain { return (bytes, known) }
      return (bytes, try bytes.measure { !$0.prefix(4096).contains(0) })
    } catch {
      throw CSVError(file: packed.name, reason: reason(error))
    }
  }

  private static func reason(_ error: PackedFileError) -> CSVError.Reason {
    guard case .unreadable(let why, let isRegular) = error.reason else { return .packing("\(error.reason)") }
    return isRegular ? .unreadable(why) : .notAFile
  }

  /// Reads `buffer.count` bytes at `offset`, fewer only at the end of the file.
  /// - Returns: the number of bytes read.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CSVError) -> Int {
    let wanted = max(0, min(buffer.count, size - offset))
    let count: Int
    do throws(PackedFileError) {
      count = try bytes.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(wanted)), at: offset)
    } catch {
      throw CSVError(file: path, offset: offset, reason: Self.reason(error))
    }
    guard count == wanted else { throw CSVError(file: path, offset: offset + count, reason: .changedWhileRead) }
    return count
  }

  /// Passes the bytes of `range` to `body`, block by block, until it returns false.
  func scan(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Bool) throws(CSVError) {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: min(1 << 16, range.count), alignment: 64)
    defer { block.deallocate() }
    var offset = range.lowerBound
    while offset < range.upperBound {
      let part = UnsafeMutableRawBufferPointer(rebasing: block.prefix(range.upperBound - offset))
      let count = try read(into: part, at: offset)
      guard count > 0, body(UnsafeRawBufferPointer(rebasing: part.prefix(count))) else { return }
      offset += count
    }
  }

  /// The offset after the first newline in `range`; nil if there is none.
  func afterNewline(in range: Range<Int>) throws(CSVError) -> Int? {
    var (offset, found) = (range.lowerBound, false)
    try scan(range) { block in
      let index = block.firstIndex(of: CSVFormat.newline)
      found = index != nil
      offset += index.map { $0 + 1 } ?? block.count
      return !found
    }
    return found ? offset : nil
  }

  /// The end offset of the rows: the end of the file, without blank lines.
  func rowsEnd() throws(CSVError) -> Int {
    let begin = max(0, size - CSVFormat.mostBlank)
    var (offset, lastText, end) = (begin, false, size)
    try scan(begin..<size) { block in
      for (index, byte) in block.enumerated() {
        if byte == CSVFormat.newline {
          if lastText { end = offset + index + 1 }
          lastText = false
        } else if !CSVFormat.isSpace(byte) {
          (lastText, end) = (true, size)
        }
      }
      offset += block.count
      return true
    }
    return end
  }

  /// The line of the byte at `offset`, counted from 1; nil beyond 1 GiB, where counting would take long.
  func line(at offset: Int) throws(CSVError) -> Int? {
    guard offset <= 1 << 30 else { return nil }
    var line = 1
    try scan(0..<offset) { block in
      line += block.count { $0 == CSVFormat.newline }
      return true
    }
    return line
  }

  /// The number of columns of the line that begins at `offset`; nil if the line is longer than 1 MiB.
  func columnCount(at offset: Int) throws(CSVError) -> Int? {
    let end = min(size, offset + 1 << 20)
    var (count, hasEnded) = (1, end == size)
    try scan(offset..<end) { block in
      let line = block.prefix { $0 != CSVFormat.newline }
      count += line.count { $0 == CSVFormat.comma }
      if line.count < block.count { hasEnded = true }
      return line.count == block.count
    }
    return hasEnded ? count : nil
  }
}
