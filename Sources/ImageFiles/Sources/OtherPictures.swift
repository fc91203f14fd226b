import Platform

extension ImageSources {
  /// How the names of pictures end that are not read.
  private static let otherSuffixes = [
    ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pnm", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".tga",
  ]

  /// Whether a file's name says that it is a picture in a format that is not read.
  static func isOtherPicture(_ name: String) -> Bool { otherSuffixes.contains(where: name.lowercased().hasSuffix) }

  /// The most files that are looked at: enough to know what a folder holds.
  private static let mostFiles = 100_000

  /// The error about a folder whose pictures, in it or in its folders, are all in formats that are not read; nil if it has images that
  /// are, or no pictures.
  ///
  /// - Parameter isNeeded: whether a folder without any pictures is an error too.
  public static func unreadable(at path: String, isNeeded: Bool = false) -> ImageSourceError? {
    guard PathKind(of: path) == .folder, ImageFolder(in: path) == nil else { return nil }
    var counts: [String: Int] = [:]
    var left = mostFiles
    count(path, depth: 4, &left, &counts)
    guard !counts.isEmpty else {
      return isNeeded ? ImageSourceError(source: Folders.trimmed(path), reason: .noImages) : nil
    }
    let endings = counts.keys.sorted { (-(counts[$0] ?? 0), $0) < (-(counts[$1] ?? 0), $1) }
    return ImageSourceError(
      source: Folders.trimmed(path), reason: .otherPictures(counts.values.reduce(0, +), suffixes: endings))
  }

  /// Counts such pictures by their endings.
  private static func count(_ path: String, depth: Int, _ left: inout Int, _ counts: inout [String: Int]) {
    guard depth > 0, left > 0, let folder = try? Folder(path), let names = try? folder.names() else { return }
    for name in names where !name.hasPrefix(".") && left > 0 {
      left -= 1
      if folder.kind(of: name) == .folder {
        count("\(path)/\(name)", depth: depth - 1, &left, &counts)
      } else if let suffix = otherSuffixes.first(where: name.lowercased().hasSuffix) {
        counts[suffix, default: 0] += 1
      }
    }
  }
}
