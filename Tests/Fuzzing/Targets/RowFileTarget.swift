import Datasets
import Platform

/// Arrays and archives: MNIST's IDX files, NumPy's, zip archives and gzip files of them and of CSVs. For any bytes of a file:
///
/// 1. It is read, or the error is one that a user understands: nothing else ends the reading, and nothing is read partly.
/// 2. Its parts, for several numbers of them, are together the whole, or one of them fails as the whole does.
/// 3. What it has read is written as npz and read again as the same.
/// 4. It asks the heap for no more than 10 times what DEFLATE can make of the file, and the fixed amount below.
enum RowFileTarget {
  /// Blocks of expanded bytes, headers, texts of errors, paths, open files.
  private static let fixed = 4 << 20
  /// What is compressed may expand by DEFLATE's limit, is held twice, and is read by parts.
  private static let mostTimes = 1040

  static func test(file bytes: [UInt8]) {
    MemoryFile.shared.put(bytes)
    let whole = read { try sources() }
    guard case .success(let sources) = whole else { return }
    for source in sources { test(source, bytes.count) }
  }

  /// A gzip file whose stream is whole: the input is what it expands to, so that the readers after the inflater are reached.
  static func test(contents bytes: [UInt8]) { test(file: Gzip.stored(bytes)) }

  private static func sources() throws -> [any RowSource] {
    let file = try RowFile(path: MemoryFile.shared.path)
    return [file.train, file.test, file.rows].compactMap { $0 }
  }

  private static func test(_ source: any RowSource, _ inputBytes: Int) {
    let found = read { try source.format() ?? .mnist }
    guard case .success(let format) = found else { return }
    let request = RowRequest(format: format, classCount: 1024, needsLabels: false)
    let whole = Allocations.limited(inputBytes: inputBytes * mostTimes, fixed: fixed, "reading rows") {
      read { try source.part(0, of: 1, request) }
    }
    for count in [2, 5] { checkParts(source, count, request, whole) }
    guard case .success(let table) = whole else { return }
    var archive = NPZWriter()
    guard let pieces = try? archive.pieces(table, suffix: "") else { return require(false, "it cannot be written") }
    MemoryFile.shared.put(pieces.flatMap { $0 } + archive.end())
    let again = read { try sources()[0].part(0, of: 1, request) }
    require((try? again.get()) == table, "written and read again it is another table")
  }

  private static func checkParts(
    _ source: any RowSource, _ count: Int, _ request: RowRequest, _ whole: Result<ImageTable, any Error>
  ) {
    let parts = (0..<count).map { part in read { try source.part(part, of: count, request) } }
    let tables = parts.compactMap { try? $0.get() }
    guard case .success(let expected) = whole else {
      return require(tables.count < count, "\(count) parts are read, but not the whole")
    }
    require(tables.count == count, "the whole is read, but not \(count) parts")
    var sum = tables[0]
    for table in tables.dropFirst() { sum.append(table) }
    require(sum == expected, "\(count) parts are not the whole")
  }

  private static func read<Value>(_ body: () throws -> Value) -> Result<Value, any Error> {
    let result = Result { try body() }
    if case .failure(let error) = result {
      require(error is any UserError && !"\(error)".isEmpty, "an error that is none of the reader's: \(error)")
    }
    return result
  }
}

/// A gzip file of stored blocks, so that what is fuzzed is what it holds.
enum Gzip {
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(0xFFFF)
      rest = rest.dropFirst(0xFFFF)
      file.append(rest.isEmpty ? 1 : 0)
      file += number(block.count, 2) + number(~block.count & 0xFFFF, 2) + block
    } while !rest.isEmpty
    return file + number(crc(bytes), 4) + number(bytes.count, 4)
  }

  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func crc(_ bytes: [UInt8]) -> Int {
    var remainder = ~UInt32(0)
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return Int(~remainder)
  }
}
