import Datasets
import Platform

/// Image files to ask a model about, one by one: a damaged one is no error of the others.
package struct Photographs: Sendable {
  /// An image file.
  package struct Photograph: Hashable, Sendable {
    /// Its path.
    package let path: String
    /// Its class, where that is known.
    package let label: Int?
  }

  /// The files, in their order.
  package private(set) var files: [Photograph] = []
  /// What was left out or is not known, a sentence each.
  package private(set) var warnings: [String] = []

  /// One image, whose class is not known.
  package init(file: String) { files = [Photograph(path: file, label: nil)] }

  /// The images in a folder and its folders, in the order of the bytes of their paths.
  ///
  /// The class of an image is the nearest folder above it, up to the one that is named, that has the name of a class.
  package init(folder path: String, classes: ClassNames) throws {
    let path = Folders.trimmed(path)
    var listing = ImageListing()
    let images = try listing.images(in: Folder(path))
    guard !images.isEmpty else {
      throw ImageSources.unreadable(at: path) ?? ImageSourceError(source: path, reason: .noImages)
    }
    let own = path.split(separator: "/").last.map(String.init)
    var unnamed: [String] = []
    files = images.map { image in
      let parts = image.utf8.dropFirst(path.utf8.count).split(separator: UInt8(ascii: "/"))
      let folders = parts.dropLast().map { String(decoding: $0, as: UTF8.self) }
      let label = folders.reversed().lazy.compactMap { classes.label(ofFolder: $0) }.first
      if label == nil, let first = folders.first, unnamed.last != first { unnamed.append(first) }
      return Photograph(path: image, label: label ?? own.flatMap { classes.label(ofFolder: $0) })
    }
    if let first = unnamed.first, files.contains(where: { $0.label != nil }), files.contains(where: { $0.label == nil })
    {
      warnings.append(
        "\(foreign(path))/\(foreign(first)) has not the name of a class of this model, so the true class of its images is not known"
      )
    }
    let left = ImageEntries(source: path, rows: [], classes: nil, hasLabels: false, ignored: listing.ignored)
    if let warning = left.warning { warnings.append(warning) }
  }

  /// The images of a list, with their classes where it says them.
  package init(list path: String, classes: ClassNames) throws {
    var list = ImageListRows(path)
    list.givenClasses = classes
    let entries = try list.entries().entries
    files = entries.rows.map {
      Photograph(path: $0.path, label: entries.hasLabels && $0.label < classes.count ? $0.label : nil)
    }
  }

  /// Whether a path names an image file, by its first bytes or its name: also one that is damaged, or in a format that is not read.
  package static func isPhotograph(_ path: String) -> Bool {
    if ImageFileName.isImage(path) || ImageSources.isOtherPicture(path) { return true }
    guard let start = try? OpenFile.reading(path).firstBytes() else { return false }
    return [.png, .jpeg].contains(FileKind(firstBytes: start))
  }

  /// Whether a path names a list of images.
  package static func isList(_ path: String) -> Bool {
    guard let start = try? OpenFile.reading(path).firstBytes(1 << 12) else { return false }
    return FileKind(firstBytes: start) == nil && ImageListRows.isList(start)
  }
}

extension Picture {
  /// The picture in a file. Throws `FileError`, or `ImageFileError` that names the file.
  package init(file path: String) throws {
    let file = try OpenFile.reading(path)
    let size = try file.size()
    guard size <= Self.mostBytes else { throw ImageFileError(file: path, fault: .tooLong(bytes: size)) }
    try self.init(named: path, FileBytes.read(file))
  }

  /// The picture in the bytes of a file, or of what else is called so in messages. Throws `ImageFileError`.
  package init(named name: String, _ bytes: [UInt8]) throws {
    do throws(PictureFault) { self = try Picture(decoding: bytes) } catch {
      throw ImageFileError(file: name, fault: error)
    }
  }

  /// The picture reduced to fit into a square; a smaller one as it is.
  package func thumbnail(side: Int) -> Picture {
    let longest = max(width, height)
    guard longest > side else { return self }
    return resampled(
      whole, toWidth: max(1, width * side / longest), height: max(1, height * side / longest))
  }

  /// Its format.
  package var format: ImageFormat { ImageFormat(height: height, width: width, channels: channels) }
}
