import Datasets
import Platform

/// Image files with their labels, in the order of the rows: what all sources of image files share.
struct ImageEntries: Sendable {
  /// A row.
  struct Entry: Hashable, Sendable {
    /// The file's path.
    let path: String
    /// The class; 0 without labels.
    var label: Int
    /// The line of the list that names the file; nil if there is no list.
    var line: Int?
  }

  /// The source's name.
  let source: String
  /// The rows.
  let rows: [Entry]
  /// The names of the classes, where they are known.
  let classes: ClassNames?
  /// Whether the rows have labels.
  let hasLabels: Bool
  /// Files that were left out, as they are no images by their names.
  var ignored: [String] = []

  /// The warning about files that were left out; nil if there are none.
  var warning: String? {
    let texts = [
      text(
        ignored.filter { !ImageFileName.isImage($0) },
        "only files that end in " + ImageFileName.suffixes.joined(separator: ", ") + " are read as images"),
      text(ignored.filter(ImageFileName.isImage), "images beside the class folders are of no class"),
    ].compactMap { $0 }
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
  }

  /// That files are ignored, and why; nil if there are none.
  private func text(_ files: [String], _ why: String) -> String? {
    guard let first = files.min() else { return nil }
    let others = files.count == 1 ? "" : " and \(counted(files.count - 1, "more file"))"
    return "\(foreign(first))\(others) in \(foreign(source)) \(files.count == 1 ? "is" : "are") ignored: \(why)"
  }

  /// Throws unless these rows are what was requested.
  func check(_ request: RowRequest) throws {
    guard !rows.isEmpty else { throw ImageSourceError(source: source, reason: .noImages) }
    guard hasLabels || !request.needsLabels else {
      throw ImageSourceError(source: source, reason: rows[0].line == nil ? .noLabels : .noLabelColumn)
    }
    if request.needsLabels, let classes, classes.count == 1 {
      throw ImageSourceError(source: source, reason: .oneClass(classes.names[0]))
    }
    let count = classes?.count ?? (rows.map(\.label).max() ?? 0) + 1
    guard !hasLabels || count <= request.classCount else {
      throw TooManyClasses(source: source, found: count, wanted: request.classCount, classes: classes)
    }
    guard request.format.channels == 1 || request.format.channels == 3 else {
      throw ImageSourceError(source: source, reason: .channels(request.format.channels))
    }
  }

  /// Decodes the rows of a range. The first file that cannot be used is the error: nothing partial is returned.
  func decoded(
    _ range: Range<Int>, _ fitting: ImageFitting, _ progress: ProgressListener
  ) throws -> ImageTable {
    let (size, isTooMuch) = range.count.multipliedReportingOverflow(by: fitting.format.count)
    guard !isTooMuch, size <= Host.memory else {
      throw ImageSourceError(
        source: source, reason: .tooLarge(images: range.count, bytesEach: fitting.format.count, memory: Host.memory))
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(size)
    for row in range {
      pixels.append(contentsOf: fitting.image(of: try read(row, Picture.init(decoding:))))
      progress.advance()
    }
    return ImageTable(
      format: fitting.format, labels: rows[range].map { UInt16($0.label) }, pixels: pixels, hasLabels: hasLabels)
  }

  /// The picture in a row's file, or whatever else is made of its bytes.
  private func read<Decoded>(_ row: Int, _ decoded: ([UInt8]) throws(PictureFault) -> Decoded) throws -> Decoded {
    let entry = rows[row]
    let bytes: [UInt8]
    do {
      let file = try OpenFile.reading(entry.path)
      let size = try file.size()
      guard size <= Picture.mostBytes else {
        throw ImageFileError(file: place(of: entry), row: row, fault: .tooLong(bytes: size))
      }
      bytes = try FileBytes.read(file)
    } catch let error as FileError {
      throw placed(error, entry)
    }
    do throws(PictureFault) {
      return try decoded(bytes)
    } catch {
      throw ImageFileError(file: place(of: entry), row: row, fault: error)
    }
  }

  /// The file of a row in messages: its path, and the place in the list that names it.
  private func place(of entry: Entry) -> String {
    entry.line.map { "\(entry.path) (\(source), line \($0))" } ?? entry.path
  }

  /// A system's error, with the place in the list that names the file.
  private func placed(_ error: FileError, _ entry: Entry) -> FileError {
    FileError(error.operation, place(of: entry), code: error.code)
  }
}

extension ImageEntries {
  /// What the pictures are before they become images: their sizes and colors.
  func pictures() throws -> String {
    var counts: [ImageFormat: Int] = [:]
    for row in rows.indices {
      counts[try read(row, Picture.shape(decoding:)), default: 0] += 1
    }
    let sizes = Set(counts.keys.map { ImageFormat(height: $0.height, width: $0.width) })
      .sorted { ($0.count, $0.height) < ($1.count, $1.height) }
    func text(_ size: ImageFormat) -> String { "\(size.height) x \(size.width)" }
    guard let least = sizes.first, let most = sizes.last else { return "no pictures" }
    let shape = sizes.count == 1 ? text(least) : "\(sizes.count) sizes, \(text(least)) to \(text(most))"
    let (gray, all) = (counts.reduce(0) { $0 + ($1.key.channels == 1 ? $1.value : 0) }, rows.count)
    let color = gray == 0 ? "in color" : gray == all ? "gray" : "\(all - gray) in color and \(gray) gray"
    return "pictures of \(shape) pixels, \(color)"
  }

  /// One version for all files.
  func version() throws(FileError) -> FileVersion {
    var versions: [FileVersion] = []
    versions.reserveCapacity(rows.count)
    for row in rows {
      do throws(FileError) { versions.append(try FileVersion(row.path)) } catch { throw placed(error, row) }
    }
    return FileVersion(combining: versions)
  }

  /// The SHA-256 of the rows in their order: of each, its class's name (or its label, where classes have no names) in UTF-8, a zero
  /// byte, the file's size in 8 bytes, the lowest first, and the file's bytes. The files' own names do not count.
  func contentHash(isWanted: () -> Bool = { true }) throws(FileError) -> SHA256Digest {
    var hash = SHA256()
    for row in rows {
      guard isWanted() else { break }
      let bytes = try FileBytes.read(row.path)
      let name = hasLabels ? classes?.name(of: row.label) ?? String(row.label) : ""
      (Array(name.utf8) + [0]).withUnsafeBytes { hash.update($0) }
      withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update($0) }
      bytes.withUnsafeBytes { hash.update($0) }
    }
    return hash.finalize()
  }
}

/// Names of image files.
enum ImageFileName {
  /// How the names of images end, in upper or lower case.
  static let suffixes = [".png", ".jpg", ".jpeg"]

  /// Whether a file's name says that it is an image that can be read.
  static func isImage(_ name: String) -> Bool {
    let lower = name.lowercased()
    return suffixes.contains(where: lower.hasSuffix)
  }
}
