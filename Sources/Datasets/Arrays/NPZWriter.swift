import Platform

/// Writes tables as a NumPy archive that `numpy.load` and this program read: a stored zip of arrays, as `numpy.savez` makes it.
///
/// Write the `pieces` of all arrays, then `end`.
public struct NPZWriter {
  private var archive = ZipWriter()

  /// An archive without members.
  public init() {}

  /// The bytes of the members `x<suffix>.npy`, [rows, height, width] or [rows, height, width, channels], and `y<suffix>.npy`, [rows],
  /// where the rows have labels.
  public mutating func pieces(_ table: ImageTable, suffix: String) throws -> [[UInt8]] {
    let format = table.format
    let shape = [table.count, format.height, format.width] + (format.channels == 1 ? [] : [format.channels])
    var pieces = try member("x\(suffix).npy", Self.header("|u1", shape), table.pixels)
    guard table.hasLabels else { return pieces }
    let isShort = table.labels.allSatisfy { $0 < 256 }
    let labels = table.labels.flatMap { isShort ? [UInt8($0)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    pieces += try member("y\(suffix).npy", Self.header(isShort ? "|u1" : "<u2", [table.count]), labels)
    return pieces
  }

  /// The archive's directory, after all members.
  public func end() -> [UInt8] { archive.end() }

  private mutating func member(_ name: String, _ header: [UInt8], _ numbers: [UInt8]) throws -> [[UInt8]] {
    guard let pieces = archive.member(name, [header, numbers]) else {
      throw Failure(.data, "the images do not fit into an npz of 4 GiB; convert them to CSV")
    }
    return pieces
  }

  /// The header of an array, version 1.0, padded to a multiple of 64 bytes as NumPy's own.
  private static func header(_ descr: String, _ shape: [Int]) -> [UInt8] {
    let tuple = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(tuple)), }"
    let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
    let dictionary = text + String(repeating: " ", count: padding) + "\n"
    let length = dictionary.utf8.count
    return NPYHeader.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(dictionary.utf8)
  }
}
