/// Reads the rows that begin in a range of a file, block by block.
///
/// The buffer holds the unparsed rest of the last block, moved to the front, and the next block after it. A row is parsed
/// only when a whole window of bytes is available or the file has ended. The buffer ends in a window of padding, so the
/// kernel needs no bounds checks.
struct CSVPartReader: ~Copyable {
  /// The file offset of the next row; rows that begin at `end` or later belong to another part.
  private var rowBegin: Int
  private let end: Int
  /// The end offset of the file's last row.
  private let fileEnd: Int
  private let columns: CSVColumns

  private let blockBytes: Int
  private let buffer: UnsafeMutableRawBufferPointer
  /// The index of the next row in the buffer, and the number of valid bytes there.
  private var position = 0
  private var filled = 0

  /// A reader for the rows that begin in `begin ..< end`; a row must begin at `begin`.
  init(begin: Int, end: Int, fileEnd: Int, columns: CSVColumns, blockBytes: Int) {
    precondition(begin < end && end <= fileEnd && blockBytes > 0)
    rowBegin = begin
    self.end = end
    self.fileEnd = fileEnd
    self.columns = columns
    self.blockBytes = min(blockBytes, fileEnd - begin)
    let rest = min(columns.longestRow, fileEnd - begin)
    buffer = .allocate(byteCount: rest + self.blockBytes + columns.window, alignment: 64)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { buffer.deallocate() }

  /// The number of bytes for whose rows memory is reserved at once: of 28 x 28 pixels, more than Sign Language MNIST has. A
  /// larger file needs more memory only as its rows are read.
  private static let tableBytes = 1 << 26

  /// Parses all rows of the range into a table.
  mutating func rows(from source: borrowing CSVSource) throws(CSVError) -> ImageTable {
    var table = try someRows(from: source)
    while rowBegin < end { table.append(try someRows(from: source)) }
    return table
  }

  /// Parses the next rows, up to `tableBytes` of pixels.
  private mutating func someRows(from source: borrowing CSVSource) throws(CSVError) -> ImageTable {
    // A row takes at least the shortest row and its newline; one more entry is for a row that turns out damaged.
    let capacity = min((end - rowBegin) / (columns.shortestRow + 1) + 2, max(1, Self.tableBytes / columns.format.count))
    var labels: [UInt16] = []
    var outcome = Result<Void, CSVError>.success(())
    let pixels = [UInt8](unsafeUninitializedCapacity: capacity * columns.format.count) { pixels, pixelCount in
      labels = [UInt16](unsafeUninitializedCapacity: capacity) { labels, rowCount in
        do throws(CSVError) {
          while rowBegin < end, rowCount < capacity {
            try fill(columns.window, from: source)
            try parseRow(
              from: source, label: labels.baseAddress! + rowCount,
              pixels: UnsafeMutableRawPointer(pixels.baseAddress! + rowCount * columns.format.count))
            rowCount += 1
          }
        } catch {
          outcome = .failure(error)
        }
        pixelCount = rowCount * columns.format.count
      }
    }
    try outcome.get()
    return ImageTable(
      format: columns.format, labels: labels, pixels: pixels, hasLabels: columns.labelColumn != nil)
  }

  /// Reads until `window` bytes are available from the next row on, or all that the file has.
  private mutating func fill(_ window: Int, from source: borrowing CSVSource) throws(CSVError) {
    while filled - position < window {
      let readEnd = rowBegin + (filled - position)
      guard readEnd < fileEnd else { return }
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[position..<filled]))
      filled -= position
      position = 0
      let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + min(blockBytes, fileEnd - readEnd)])
      filled += try source.read(into: free, at: readEnd)
    }
  }

  private mutating func parseRow(
    from source: borrowing CSVSource, label: UnsafeMutablePointer<UInt16>, pixels: UnsafeMutableRawPointer
  ) throws(CSVError) {
    if let length = kernelLength(label: label, pixels: pixels), length <= filled - position {
      advance(by: length)
      return
    }
    // The slow path accepts longer rows than the kernel.
    try fill(columns.longestRow, from: source)
    let rest = UnsafeRawBufferPointer(rebasing: buffer[position..<filled])
    let reader = CSVRowReader(rest, isRestOfFile: rowBegin + rest.count == fileEnd, columns: columns)
    do throws(CSVRowReader.Fault) {
      advance(by: try reader.parse(label: label, pixels: pixels))
    } catch {
      throw try located(error, in: source)
    }
  }

  /// Parses the next row with the kernel. Returns its length in bytes; nil if the kernel cannot parse it.
  @inline(__always)
  private func kernelLength(label: UnsafeMutablePointer<UInt16>, pixels: UnsafeMutableRawPointer) -> Int? {
    let start = UnsafeRawPointer(buffer.baseAddress! + position)
    guard columns.beginsWithLabel else { return nil }
    guard columns.indexColumns > 0 else {
      return CSVRowKernel.parse(start, columns, label: label, pixels: pixels)
    }
    guard let index = CSVRowKernel.afterIndex(start, columns: columns.indexColumns) else { return nil }
    return CSVRowKernel.parse(start + index, columns, label: label, pixels: pixels)
      .map { index + $0 }
  }

  private mutating func advance(by length: Int) {
    position += length
    rowBegin += length
  }

  /// Turns a fault in the row at `rowBegin` into an error with its position in the file.
  private func located(_ fault: CSVRowReader.Fault, in source: borrowing CSVSource) throws(CSVError) -> CSVError {
    var reason = fault.reason
    if reason == CSVRowReader.tooManyColumns {
      let count = try source.columnCount(at: rowBegin)
      reason = count.map { .columnCount($0, expected: columns.count) } ?? .endlessLine
    }
    return CSVError(
      file: source.path, offset: rowBegin + fault.offset, line: try source.line(at: rowBegin),
      column: fault.column, columnName: fault.column.map(columns.name), reason: reason)
  }
}
