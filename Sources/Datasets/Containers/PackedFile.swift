import Platform

/// Where bytes lie: a whole file, what a gzip file expands to, or a member of a zip archive.
struct PackedFile: Hashable, Sendable {
  /// How they are kept.
  enum Packing: Hashable, Sendable {
    case plain
    case gzip
    case zip(ZipMember)
  }

  /// The path of the file, as given.
  let path: String
  let packing: Packing

  /// The bytes in words: the path, and the member in it.
  var name: String {
    if case .zip(let member) = packing { "\(path)/\(member.name)" } else { path }
  }

  func failure(_ reason: PackedFileError.Reason) -> PackedFileError {
    if case .zip(let member) = packing {
      PackedFileError(file: path, member: member.name, reason)
    } else {
      PackedFileError(file: path, reason)
    }
  }

  /// The first bytes, at most `count`.
  func firstBytes(_ count: Int = FileKind.bytesToSee) throws(PackedFileError) -> [UInt8] {
    try UnpackedBytes(self).prefix(count)
  }
}
