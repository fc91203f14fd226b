import Datasets
import Platform

/// A file of a cache: 256 rows, the last of a set fewer.
///
/// Its bytes: `fsrows1\n`; the key; the number of the first row, the number of rows, height, width, channels, and whether there are
/// labels, in 8 bytes each, the lowest first; the labels in 2 bytes each; the pixels; and the SHA-256 of all bytes before.
struct RowBlock {
  /// Rows in a file.
  static let rows = 256

  /// Raised when other pixels would be made of the same files by the same libraries.
  static let revision = 1

  /// What is in a file.
  enum Stored {
    case rows(ImageTable)
    case missing
    /// Not what was written, whatever it is.
    case damaged
  }

  let path: String
  let key: SHA256Digest
  /// The number of the first row.
  let first: Int

  private func header(_ rows: Int, _ format: ImageFormat, hasLabels: Bool) -> [UInt8] {
    let numbers = [first, rows, format.height, format.width, format.channels, hasLabels ? 1 : 0]
    return Array("fsrows1\n".utf8) + key.bytes
      + numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
  }

  /// Reads the file, which should hold this number of rows of the format.
  func read(rows: Int, _ format: ImageFormat, hasLabels: Bool) throws(FileError) -> Stored {
    let header = header(rows, format, hasLabels: hasLabels)
    let labels = header.count..<header.count + 2 * rows
    let pixels = labels.upperBound..<labels.upperBound + rows * format.count
    let bytes: [UInt8]
    do throws(FileError) {
      let file = try OpenFile.reading(path)
      guard try file.size() == pixels.upperBound + SHA256Digest.byteCount else { return .damaged }
      bytes = try FileBytes.read(file)
    } catch {
      if error.isMissing { return .missing }
      throw error
    }
    guard bytes.count == pixels.upperBound + SHA256Digest.byteCount, bytes.starts(with: header),
      SHA256Digest(of: bytes[..<pixels.upperBound]).bytes.elementsEqual(bytes[pixels.upperBound...])
    else { return .damaged }
    let table = ImageTable(
      format: format,
      labels: (0..<rows).map {
        UInt16(bytes[labels.lowerBound + 2 * $0]) | UInt16(bytes[labels.lowerBound + 2 * $0 + 1]) << 8
      },
      pixels: Array(bytes[pixels]), hasLabels: hasLabels)
    return .rows(table)
  }

  /// Writes the file, at once or not at all.
  func write(_ table: ImageTable) throws(FileError) {
    var bytes = header(table.count, table.format, hasLabels: table.hasLabels)
    bytes.reserveCapacity(bytes.count + table.count * (table.format.count + 2) + SHA256Digest.byteCount)
    for label in table.labels { bytes += [UInt8(label & 255), UInt8(label >> 8)] }
    bytes += table.pixels
    bytes += SHA256Digest(of: bytes).bytes
    try AtomicFile.write(bytes, to: path)
  }
}
