import Platform

/// The members of a zip archive that are not rows, such as those of a Keras model.
package struct ZipMembers {
  private let path: String
  private let archive: ZipArchive

  /// Reads the directory of the archive at `path`. Throws `PackedFileError`.
  package init(path: String) throws {
    self.path = path
    archive = try ZipArchive(path: path)
  }

  /// The members' names.
  package var names: [String] { archive.members.map(\.name) }

  /// The contents of a member; nil if there is none of that name. Throws `PackedFileError` if it has more than `limit` bytes or is damaged.
  package func contents(_ name: String, limit: Int) throws -> [UInt8]? {
    guard let member = archive.members.first(where: { $0.name == name }) else { return nil }
    let packed = PackedFile(path: path, packing: .zip(member))
    guard member.size <= limit else { throw packed.failure(.tooLarge(member.size, most: limit)) }
    let bytes = try UnpackedBytes(packed)
    // Checks the length and the checksum that the archive claims.
    guard try bytes.check() == member.size else { throw packed.failure(.truncated) }
    return try bytes.array(at: 0, count: member.size)
  }
}
