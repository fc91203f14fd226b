import CZlib
import Platform

/// A zip archive whose members are stored as they are, as Keras' own (PKWARE's APPNOTE 6.3).
///
/// libarchive would do this too, but its archive needs Nettle's (for encrypted zip files), which Debian's libarchive-dev does not bring, and a
/// node of a cluster must not need a shared library for it. Every member has the date 1 January 1980: equal members make equal bytes.
struct StoredZip {
  private var members: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Sizes and places have 4 bytes.
  static let mostBytes = Int(UInt32.max) - 1

  /// Adds a member.
  mutating func add(_ name: String, _ contents: [UInt8]) throws {
    guard contents.count < Self.mostBytes - members.count - 1024 else {
      throw Failure(.data, "a model of more than 4 GiB does not fit into a .keras file; write a .weights.h5 file")
    }
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    let common =
      number(20, 2) + number(0x800, 2) + number(0, 2) + number(0, 2) + number(0x21, 2)
      + number(Int(crc32_z(0, contents, contents.count)), 4) + number(contents.count, 4) + number(contents.count, 4)
      + number(name.utf8.count, 2) + number(0, 2)
    // The version that made it is 2.0 on Unix; the file's mode is rw-r--r--.
    directory +=
      number(0x0201_4B50, 4) + number(20 | 3 << 8, 2) + common + number(0, 2) + number(0, 2) + number(0, 2)
      + number(0o100644 << 16, 4) + number(members.count, 4) + Array(name.utf8)
    members += number(0x0403_4B50, 4) + common + Array(name.utf8) + contents
    count += 1
  }

  /// The archive's bytes.
  var bytes: [UInt8] {
    members + directory + number(0x0605_4B50, 4) + number(0, 4) + number(count, 2) + number(count, 2)
      + number(directory.count, 4) + number(members.count, 4) + number(0, 2)
  }

  private func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
