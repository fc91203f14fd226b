import CZlib
import Platform

/// Writes tables as a NumPy archive that `numpy.load` and this program read: a stored zip of arrays, as `numpy.savez` makes it.
///
/// Write the `pieces` of all arrays, then `end`.
public struct NPZWriter {
  private var directory: [UInt8] = []
  private var offset = 0
  private var count = 0

  /// An archive without members.
  public init() {}

  /// The largest member and archive in bytes: sizes have 4 bytes here.
  public static let mostBytes = Int(UInt32.max) - 1

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
  public func end() -> [UInt8] {
    let size = Self.number(directory.count, 4) + Self.number(offset, 4)
    return directory + Self.number(0x0605_4B50, 4) + [0, 0, 0, 0] + Self.number(count, 2) + Self.number(count, 2) + size
      + [0, 0]
  }

  private mutating func member(_ name: String, _ header: [UInt8], _ numbers: [UInt8]) throws -> [[UInt8]] {
    let size = header.count + numbers.count
    guard size + offset < Self.mostBytes else {
      throw Failure(.data, "the images do not fit into an npz of 4 GiB; convert them to CSV")
    }
    let checksum = crc32_z(crc32_z(0, header, header.count), numbers, numbers.count)
    // Version 2.0, no flags, stored, 1 January 1980: the same rows make the same bytes.
    let common =
      Self.number(20, 2) + Self.number(0, 2) + Self.number(0, 2) + Self.number(0, 2) + Self.number(0x21, 2)
      + Self.number(Int(checksum), 4) + Self.number(size, 4) + Self.number(size, 4) + Self.number(name.utf8.count, 2)
      + Self.number(0, 2)
    directory +=
      Self.number(0x0201_4B50, 4) + Self.number(20, 2) + common + [UInt8](repeating: 0, count: 10)
      + Self.number(offset, 4) + Array(name.utf8)
    let local = Self.number(0x0403_4B50, 4) + common + Array(name.utf8)
    offset += local.count + size
    count += 1
    return [local, header, numbers]
  }

  /// The header of an array, version 1.0, padded to a multiple of 64 bytes as NumPy's own.
  private static func header(_ descr: String, _ shape: [Int]) -> [UInt8] {
    let tuple = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(tuple)), }"
    let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
    let dictionary = text + String(repeating: " ", count: padding) + "\n"
    return NPYHeader.magic + [1, 0] + number(dictionary.utf8.count, 2) + Array(dictionary.utf8)
  }

  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
