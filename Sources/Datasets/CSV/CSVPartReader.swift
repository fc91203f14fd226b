/// Reads the rows that begin in one range of a file, block by block.
///
/// The buffer holds the bytes of the file from `offset - available` on: what is left of the last block, moved to the front,
/// and behind it the next one. A row is tried only when a whole window of bytes is there or the file has ended, and the
/// buffer ends in a window of padding, so that the kernel never has to look where it reads.
struct CSVPartReader: ~Copyable {
  /// Where the next row begins in the file; rows that begin at `end` or later are another part's.
  private var rowBegin: Int
  private let end: Int
  /// Where the file's last row ends.
  private let fileEnd: Int
  private let layout: CSVLayout

  private let blockBytes: Int
  private let buffer: UnsafeMutableRawBufferPointer
  /// The place in the buffer of the next row, and the number of the file's bytes there.
  private var position = 0
  private var filled = 0

  /// A reader for the rows that begin in `begin ..< end`; a row must begin at `begin`.
  init(begin: Int, end: Int, fileEnd: Int, layout: CSVLayout, blockBytes: Int) {
    precondition(begin < end && end <= fileEnd && blockBytes > 0)
    rowBegin = begin
    self.end = end
    self.fileEnd = fileEnd
    self.layout = layout
    self.blockBytes = min(blockBytes, fileEnd - begin)
    let rest = min(CSVFormat.longestRow, fileEnd - begin)
    buffer = .allocate(byteCount: rest + self.blockBytes + CSVFormat.window, alignment: 64)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { buffer.deallocate() }

  /// The rows that memory is reserved for at once: more than the real data set's in any number of parts. What a file of
  /// absurd size would hold is only believed when it is read.
  private static let tableRows = 1 << 16

  /// Parses all rows of the range, straight into a table.
  mutating func rows(from source: borrowing CSVSource) throws(CSVError) -> ImageTable {
    var table = try someRows(from: source)
    while rowBegin < end { table.append(try someRows(from: source)) }
    return table
  }

  /// Parses the next rows, up to `tableRows`.
  private mutating func someRows(from source: borrowing CSVSource) throws(CSVError) -> ImageTable {
    // No two rows begin closer than the shortest row and its newline; one more slot for a row that turns out damaged.
    let capacity = min((end - rowBegin) / (layout.shortestRow + 1) + 2, Self.tableRows)
    var labels: [UInt8] = []
    var outcome = Result<Void, CSVError>.success(())
    let pixels = [UInt8](unsafeUninitializedCapacity: capacity * ImageTable.pixelsPerImage) { pixels, pixelCount in
      labels = [UInt8](unsafeUninitializedCapacity: capacity) { labels, rowCount in
        do throws(CSVError) {
          while rowBegin < end, rowCount < capacity {
            try fill(CSVFormat.window, from: source)
            try parseRow(
              from: source, label: labels.baseAddress! + rowCount,
              pixels: UnsafeMutableRawPointer(pixels.baseAddress! + rowCount * ImageTable.pixelsPerImage))
            rowCount += 1
          }
        } catch {
          outcome = .failure(error)
        }
        pixelCount = rowCount * ImageTable.pixelsPerImage
      }
    }
    try outcome.get()
    return ImageTable(labels: labels, pixels: pixels)
  }

  /// Sees to it that so many bytes are there from the next row on, or all that the file has.
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
    from source: borrowing CSVSource, label: UnsafeMutablePointer<UInt8>, pixels: UnsafeMutableRawPointer
  ) throws(CSVError) {
    if let length = kernelLength(label: label, pixels: pixels), length <= filled - position {
      advance(by: length)
      return
    }
    // The slow path's rows may be longer than the kernel's.
    try fill(CSVFormat.longestRow, from: source)
    let rest = UnsafeRawBufferPointer(rebasing: buffer[position..<filled])
    let reader = CSVRowReader(rest, isRestOfFile: rowBegin + rest.count == fileEnd, layout: layout)
    do throws(CSVRowReader.Fault) {
      advance(by: try reader.parse(label: label, pixels: pixels))
    } catch {
      throw try located(error, in: source)
    }
  }

  /// The length of the next row if the kernel can read it.
  @inline(__always)
  private func kernelLength(label: UnsafeMutablePointer<UInt8>, pixels: UnsafeMutableRawPointer) -> Int? {
    let start = UnsafeRawPointer(buffer.baseAddress! + position)
    guard layout.beginsWithLabel else { return nil }
    guard layout.indexColumns > 0 else {
      return CSVRowKernel.parse(start, hasLabel: layout.labelColumn != nil, label: label, pixels: pixels)
    }
    guard let index = CSVRowKernel.afterIndex(start, columns: layout.indexColumns) else { return nil }
    return CSVRowKernel.parse(start + index, hasLabel: layout.labelColumn != nil, label: label, pixels: pixels)
      .map { index + $0 }
  }

  private mutating func advance(by length: Int) {
    position += length
    rowBegin += length
  }

  /// The fault of the row at `rowBegin` as an error of the file, with its line.
  private func located(_ fault: CSVRowReader.Fault, in source: borrowing CSVSource) throws(CSVError) -> CSVError {
    var reason = fault.reason
    if reason == CSVRowReader.tooManyColumns {
      let count = try source.columnCount(at: rowBegin)
      reason = count.map { .columnCount($0, expected: layout.columns) } ?? .endlessLine
    }
    return CSVError(
      file: source.path, offset: rowBegin + fault.offset, line: try source.line(at: rowBegin),
      column: fault.column, columnName: fault.column.map(layout.name), reason: reason)
  }
}
