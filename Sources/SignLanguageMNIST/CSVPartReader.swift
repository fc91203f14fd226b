/// Reads the rows that begin in one range of a file, block by block.
///
/// The buffer holds the bytes of the file from `offset - available` on: what is left of the last block, moved to the front,
/// and behind it the next one. A row is tried only when a whole window of bytes is there or the file has ended, and the
/// buffer ends in a window of padding, so that the kernel never has to look where it reads.
struct CSVPartReader: ~Copyable {
  /// Where the next row begins in the file; rows that begin at `end` or later are another part's.
  private var rowBegin: Int
  private let end: Int
  private let fileSize: Int

  private let blockBytes: Int
  private let buffer: UnsafeMutableRawBufferPointer
  /// The place in the buffer of the next row, and the number of the file's bytes there.
  private var position = 0
  private var filled = 0

  /// A reader for the rows that begin in `begin ..< end`; a row must begin at `begin`.
  init(begin: Int, end: Int, fileSize: Int, blockBytes: Int) {
    precondition(begin < end && end <= fileSize && blockBytes > 0)
    rowBegin = begin
    self.end = end
    self.fileSize = fileSize
    self.blockBytes = min(blockBytes, fileSize - begin)
    buffer = .allocate(byteCount: self.blockBytes + 2 * CSVFormat.window, alignment: 64)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { buffer.deallocate() }

  /// Parses all rows of the range, straight into a table.
  mutating func rows(from source: borrowing CSVSource) throws(CSVError) -> ImageTable {
    // No two rows begin closer than the shortest row and its newline; one more slot for a row that turns out damaged.
    let capacity = (end - rowBegin) / (CSVFormat.shortestRow + 1) + 2
    var labels: [UInt8] = []
    var outcome = Result<Void, CSVError>.success(())
    let pixels = [UInt8](unsafeUninitializedCapacity: capacity * ImageTable.pixelsPerImage) { pixels, pixelCount in
      labels = [UInt8](unsafeUninitializedCapacity: capacity) { labels, rowCount in
        do throws(CSVError) {
          while rowBegin < end {
            try fill(from: source)
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

  /// Sees to it that a window of bytes is there from the next row on, or all that the file has.
  private mutating func fill(from source: borrowing CSVSource) throws(CSVError) {
    while filled - position < CSVFormat.window {
      let readEnd = rowBegin + (filled - position)
      guard readEnd < fileSize else { return }
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[position..<filled]))
      filled -= position
      position = 0
      let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + min(blockBytes, fileSize - readEnd)])
      filled += try source.read(into: free, at: readEnd)
    }
  }

  private mutating func parseRow(
    from source: borrowing CSVSource, label: UnsafeMutablePointer<UInt8>, pixels: UnsafeMutableRawPointer
  ) throws(CSVError) {
    let start = UnsafeRawPointer(buffer.baseAddress! + position)
    let available = filled - position
    if let length = CSVRowKernel.parse(start, label: label, pixels: pixels), length <= available {
      advance(by: length)
      return
    }
    let rest = UnsafeRawBufferPointer(start: start, count: available)
    let reader = CSVRowReader(rest, isRestOfFile: rowBegin + available == fileSize)
    do throws(CSVRowReader.Fault) {
      advance(by: try reader.parse(label: label, pixels: pixels))
    } catch {
      throw try located(error, in: source)
    }
  }

  private mutating func advance(by length: Int) {
    position += length
    rowBegin += length
  }

  /// The fault of the row at `rowBegin` as an error of the file, with its line.
  private func located(_ fault: CSVRowReader.Fault, in source: borrowing CSVSource) throws(CSVError) -> CSVError {
    var reason = fault.reason
    if reason == CSVRowReader.tooManyColumns { reason = .columnCount(try source.columnCount(at: rowBegin)) }
    return CSVError(
      file: source.path, offset: rowBegin + fault.offset, line: try source.line(at: rowBegin),
      column: fault.column, reason: reason)
  }
}
