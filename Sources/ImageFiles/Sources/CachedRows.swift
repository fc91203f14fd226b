import CImageCodecs
import Datasets
import Platform

/// A source of image files whose decoded rows are kept in a folder, and read from there the next time.
///
/// They are kept under a key: the SHA-256 of the content (names of classes, labels, files' bytes), of the fitting, and of the decoding
/// libraries' versions. So another order, one changed file or another size is another key, and a run gets what decoding would have
/// given it. The rows are kept in blocks of 256, a file each, written at once or not at all. A worker decodes and writes the missing
/// blocks among its own: parts begin at blocks. A block that is damaged is decoded again.
public struct CachedRows: RowSource {
  /// What is decoded.
  public let base: any ImageSource
  /// The folder of the cache.
  public let folder: String

  /// The rows of a source with a cache in a folder, which is made where it is missing.
  public init(_ base: any ImageSource, folder: String) {
    self.base = base
    self.folder = folder
  }

  /// The source's name: the path, as given.
  public var name: String { base.name }
  /// What it reads.
  public var paths: [String] { base.paths }
  /// How rows are found in it.
  public var numbering: String? { base.numbering }
  /// The classes.
  public func classNames() throws -> ClassNames? { try base.classNames() }
  /// The path of the row's file.
  public func place(ofRow row: Int) -> String { base.place(ofRow: row) }
  /// One version for all of its files.
  public func versions() throws(FileError) -> [FileVersion] { try base.versions() }
  /// The SHA-256 of the rows in their order: see docs/data.md.
  public func sha256(isWanted: () -> Bool) throws(FileError) -> SHA256Digest? { try base.sha256(isWanted: isWanted) }

  /// Decodes part `index` of `count` of the rows.
  public func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable {
    let entries = try base.entries().entries
    if index == 0, let warning = entries.warning { base.warn(warning) }
    try entries.check(request)
    let fitting = base.fitting(request.format)
    let key = try Self.key(entries, fitting)
    request.progress.advance()
    let path = "\(Folders.trimmed(folder))/\(key.description.prefix(32))"
    try Folders.make(path)
    let blocks = (entries.rows.count + RowBlock.rows - 1) / RowBlock.rows
    var table = ImageTable(format: fitting.format, labels: [], pixels: [], hasLabels: entries.hasLabels)
    var damaged = 0
    for number in index * blocks / count..<(index + 1) * blocks / count {
      let range = number * RowBlock.rows..<min((number + 1) * RowBlock.rows, entries.rows.count)
      let block = RowBlock(path: "\(path)/\(number).rows", key: key, first: range.lowerBound)
      let stored = try block.read(rows: range.count, fitting.format, hasLabels: entries.hasLabels)
      if case .damaged = stored { damaged += 1 }
      if case .rows(let rows) = stored {
        table.append(rows)
      } else {
        let rows = try entries.decoded(range, fitting, request.progress)
        try block.write(rows)
        table.append(rows)
      }
      request.progress.advance()
    }
    if damaged > 0 {
      base.warn("\(counted(damaged, "damaged file")) in the cache \(foreign(path)); the images were decoded again")
    }
    return table
  }

  /// What the decoded rows depend on.
  private static func key(_ entries: ImageEntries, _ fitting: ImageFitting) throws(FileError) -> SHA256Digest {
    let format = fitting.format
    var text = "rows \(RowBlock.revision), \(String(cString: fsimage_libraries()))\n"
    text +=
      "\(format.height) x \(format.width) x \(format.channels), \(fitting.fit.rawValue), inverted: \(fitting.invert)\n"
    if let framing = fitting.framing { text += "framing \(framing)\n" }
    text += (entries.classes?.names ?? []).map { "\($0.utf8.count) \($0)\n" }.joined()
    return SHA256Digest(of: Array(text.utf8) + (try entries.contentHash()).bytes)
  }
}
