import Datasets

/// The CSV reader. For any bytes of a file:
///
/// 1. It accepts what the plain reader beside it accepts, and reads the same rows. Otherwise its error names the line that
///    the plain reader stumbled over; the line, the offset, the column and the columns' number agree with the bytes.
/// 2. Its parts, for several numbers of them and sizes of blocks, are together the whole; or the first of their errors is
///    the whole's error.
/// 3. What it has read is written and read again as the same.
/// 4. It asks the heap for no more than 10 times the file, and the fixed amount below.
enum CSVTarget {
  /// Two windows of padding after a part's block (8 KiB), two spare rows (1.6 kB), texts of errors, paths, open files.
  private static let fixed = 16 << 10

  /// Rows as the default network takes them; labels may be missing.
  private static var request: RowRequest {
    RowRequest(format: .mnist, classCount: ClassNames.signLanguageMNIST.count, needsLabels: false)
  }

  static func test(file bytes: [UInt8]) {
    MemoryFile.shared.put(bytes)
    let plain = PlainCSV(bytes)
    let opened = Allocations.limited(inputBytes: bytes.count, fixed: fixed, "reading the header") {
      Result { () throws(CSVError) in try CSVFile(path: MemoryFile.shared.path, request) }
    }
    guard case .success(let file) = opened else {
      return check(opened.map { _ in ImageTable(format: .mnist) }, plain, bytes)
    }
    require(plain.fault == 1 || file.hasLabels == plain.hasLabels, "whether there are labels")
    let whole = part(0, of: 1, file)
    check(whole, plain, bytes)
    for (count, blockBytes) in [(1, 61), (2, 1 << 18), (3, 1000), (7, 4096)] {
      checkParts(count, blockBytes, file, whole)
    }
    if case .success(let table) = whole {
      MemoryFile.shared.put(CSVText.header(.mnist, hasLabels: table.hasLabels) + CSVText.lines(of: table))
      require(
        (try? CSVFile(path: MemoryFile.shared.path, request).rows()) == table,
        "written and read again it is another table")
    }
  }

  private static func part(
    _ index: Int, of count: Int, _ file: CSVFile, blockBytes: Int = 1 << 18
  ) -> Result<ImageTable, CSVError> {
    Allocations.limited(inputBytes: file.size, fixed: fixed, "reading rows") {
      Result { () throws(CSVError) in try file.part(index, of: count, blockBytes: blockBytes) }
    }
  }

  private static func check(_ whole: Result<ImageTable, CSVError>, _ plain: PlainCSV, _ bytes: [UInt8]) {
    switch whole {
    case .success(let table):
      require(plain.fault == nil, "read, but the plain reader finds a fault in line \(plain.fault ?? 0)")
      require(
        table
          == ImageTable(
            format: .mnist, labels: plain.labels.map { UInt16($0) }, pixels: plain.pixels, hasLabels: plain.hasLabels),
        "other rows than the plain reader's")
    case .failure(let error):
      require(plain.fault != nil, "the plain reader finds nothing wrong, but: \(error)")
      require(error.line == nil || error.line == plain.fault, "the fault is in line \(plain.fault ?? 0), but: \(error)")
      CSVErrorCheck(bytes, error).check()
    }
  }

  private static func checkParts(
    _ count: Int, _ blockBytes: Int, _ file: CSVFile, _ whole: Result<ImageTable, CSVError>
  ) {
    var table = ImageTable(format: .mnist, labels: [], pixels: [], hasLabels: file.hasLabels)
    var errors: [CSVError] = []
    for index in 0..<count {
      switch part(index, of: count, file, blockBytes: blockBytes) {
      case .success(let part): table.append(part)
      case .failure(let error): errors.append(error)
      }
    }
    let first = CSVError.first(of: errors)
    switch whole {
    case .success(let expected):
      require(first == nil, "\(count) parts in blocks of \(blockBytes), but not the whole: \(first!)")
      require(table == expected, "\(count) parts in blocks of \(blockBytes) are not the whole")
    case .failure(let expected):
      require(first == expected, "\(count) parts in blocks of \(blockBytes) have another first error: \(expected)")
    }
  }

  /// A small language for long files: a good header, then the input, in which a byte from 0x80 on stands for 7 to 896 good
  /// numbers with a comma after each. `EF 35 0A` is a row: 784 numbers, then `5` and the line's end.
  static func expanded(_ input: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var bytes = CSVText.header(.mnist)
    let numbers = Array("7,42,199,0,5,255,10,".utf8)
    for byte in input {
      if byte < 0x80 {
        bytes.append(byte)
      } else {
        for _ in 0x80...byte { bytes += numbers }
      }
    }
    return bytes
  }
}

/// Whether an error says what the file's bytes say, at its place.
struct CSVErrorCheck {
  private let bytes: [UInt8]
  private let error: CSVError

  init(_ bytes: [UInt8], _ error: CSVError) {
    self.bytes = bytes
    self.error = error
  }

  func check() {
    require(!"\(error)".isEmpty && error.offset <= bytes.count, "the error's place is outside of the file: \(error)")
    guard let line = error.line else {
      return require(error.column == nil && isOfTheFile(error.reason), "a fault without a line: \(error)")
    }
    let newlines = bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") }
    require(newlines + 1 == line, "the offset \(error.offset) is in line \(newlines + 1): \(error)")
    let fields = bytes[error.offset...].prefix { $0 != UInt8(ascii: "\n") }
      .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    switch error.reason {
    case .columnCount(let count, let expected), .truncated(let count, let expected):
      require(error.column == nil && count != expected && (784...789).contains(expected), "\(error)")
      require(fields.count == count, "the line has \(fields.count) columns: \(error)")
    case .emptyLine: require(fields.count == 1 && fields[0].count <= 1 && line > 1, "\(error)")
    case .noHeader: require(line == 1, "\(error)")
    case .wrongHeader: require(line == 1 && error.column != nil, "\(error)")
    case .endlessLine: require(fields.joined().count + fields.count > 1 << 15, "\(error)")
    case .zeroBytes: require(error.column != nil && fields[0].contains(0), "\(error)")
    case .labelOutOfRange, .pixelOutOfRange, .notANumber, .notWhole, .notARowNumber:
      checkNumber(fields[0], isLast: fields.count == 1)
    case .unreadable, .packing, .notAFile, .changedWhileRead, .empty, .noRows, .otherKind, .separator, .carriageReturns,
      .noLabels:
      require(false, "not this file's fault: \(error)")
    }
  }

  private func isOfTheFile(_ reason: CSVError.Reason) -> Bool {
    switch reason {
    case .empty, .noRows, .separator, .carriageReturns, .zeroBytes: true
    case .otherKind(let text): text.hasPrefix("is ")
    default: false
    }
  }

  private func checkNumber(_ field: ArraySlice<UInt8>, isLast: Bool) {
    guard let column = error.column else { return require(false, "a number without a column: \(error)") }
    let lineBegin = bytes[..<error.offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let commas = bytes[lineBegin..<error.offset].count { $0 == UInt8(ascii: ",") }
    require(commas + 1 == column, "the offset is in column \(commas + 1): \(error)")
    let text = isLast && field.last == UInt8(ascii: "\r") ? field.dropLast() : field
    if error.columnName == "row number" {
      require(!PlainCSV.isRowNumber(text), "the row number is good: \(error)")
    } else {
      let limit = error.columnName == "label" ? 24 : 255
      require(PlainCSV.number(text, atMost: limit) == nil, "the number is good: \(error)")
    }
  }
}
