import CZlib

/// Writes a zip archive whose members are stored as they are, as NumPy's and Keras' own (PKWARE's APPNOTE 6.3).
///
/// Write the pieces of all members, then `end`. Every member has the date 1 January 1980: equal members make equal bytes. libarchive would do
/// this too, but its archive needs Nettle's (for encrypted zip files), which Debian's libarchive-dev does not bring, and a node of a
/// cluster must not need a shared library for it.
package struct ZipWriter {
  private var directory: [UInt8] = []
  private var offset = 0
  private var count = 0

  /// The most bytes of an archive: sizes and places have 4 bytes.
  package static let mostBytes = Int(UInt32.max) - 1

  /// An archive without members.
  package init() {}

  /// The bytes of a member, in pieces that follow one another; nil, and nothing is added, where the archive has no room for it.
  ///
  /// - Parameter contents: the member's own pieces.
  package mutating func member(_ name: String, _ contents: [[UInt8]]) -> [[UInt8]]? {
    let size = contents.reduce(0) { $0 + $1.count }
    // The directory grows by as much as the member's head has, and a little more.
    guard size < Self.mostBytes - offset - directory.count - 1024 - 4 * name.utf8.count, count < UInt16.max else {
      return nil
    }
    let checksum = contents.reduce(crc32_z(0, nil, 0)) { crc32_z($0, $1, $1.count) }
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    let common =
      number(20, 2) + number(0x800, 2) + number(0, 2) + number(0, 2) + number(0x21, 2) + number(Int(checksum), 4)
      + number(size, 4) + number(size, 4) + number(name.utf8.count, 2) + number(0, 2)
    // The version that made it is 2.0 on Unix; the file's mode is rw-r--r--.
    directory +=
      number(0x0201_4B50, 4) + number(20 | 3 << 8, 2) + common + number(0, 2) + number(0, 2) + number(0, 2)
      + number(0o100644 << 16, 4) + number(offset, 4) + Array(name.utf8)
    let head = number(0x0403_4B50, 4) + common + Array(name.utf8)
    offset += head.count + size
    count += 1
    return [head] + contents
  }

  /// The archive's directory, after all members.
  package func end() -> [UInt8] {
    directory + number(0x0605_4B50, 4) + number(0, 4) + number(count, 2) + number(count, 2)
      + number(directory.count, 4) + number(offset, 4) + number(0, 2)
  }

  private func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
