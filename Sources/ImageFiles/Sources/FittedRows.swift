import Datasets
import Platform

/// Rows of any source, its images made into those that are requested as pictures are.
///
/// For sources whose images all have one format, such as a CSV file; image files of any size are fitted as they are decoded.
public struct FittedRows: RowSource {
  /// Where the rows come from.
  public let base: any RowSource
  /// What is done with images of another shape; nil leaves the format as it is.
  public let fit: ImageFitting.Fit?
  /// Whether black becomes white.
  public let invert: Bool
  /// How large a hand is made that is cut out; nil for the whole image.
  public let framing: Int?

  /// The rows of a source, fitted.
  public init(_ base: any RowSource, fit: ImageFitting.Fit?, invert: Bool, framing: Int? = nil) {
    self.base = base
    self.fit = fit
    self.invert = invert
    self.framing = framing
  }

  /// The source's name: the path, as given.
  public var name: String { base.name }
  /// What it reads.
  public var paths: [String] { base.paths }
  /// Whether the rows are drawn.
  public var isSynthetic: Bool { base.isSynthetic }
  /// How rows are found in it.
  public var numbering: String? { base.numbering }
  /// The classes.
  public func classNames() throws -> ClassNames? { try base.classNames() }
  /// The format of its images; nil if any may be requested.
  public func format() throws -> ImageFormat? { fit == nil ? try base.format() : nil }
  /// The path of the row's file.
  public func place(ofRow row: Int) -> String { base.place(ofRow: row) }
  /// One version for all of its files.
  public func versions() throws(FileError) -> [FileVersion] { try base.versions() }
  /// The SHA-256 of the rows in their order: see docs/data.md.
  public func sha256(isWanted: () -> Bool) throws(FileError) -> SHA256Digest? { try base.sha256(isWanted: isWanted) }

  /// Decodes part `index` of `count` of the rows.
  public func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable {
    var own = request
    // Rows of numbers are of the requested format if they have as many; otherwise of what they say themselves.
    if fit != nil, let format = try base.format(), format.count != request.format.count { own.format = format }
    let table = try base.part(index, of: count, own)
    let format = fit == nil ? table.format : request.format
    guard format != table.format || invert else { return table }
    let isOneImage = [1, 3].contains(table.format.channels) && [1, 3].contains(format.channels)
    // Images of other channels are no pictures; who asked for them says so.
    guard isOneImage else { return table }
    return ImageFitting(format, fit: fit ?? .crop, invert: invert, framing: framing).fitted(table, request.progress)
  }
}

extension ImageFitting {
  /// The table's images, which are gray or of three channels, each as the picture that it is.
  public func fitted(_ table: ImageTable, _ progress: ProgressListener = ProgressListener()) -> ImageTable {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(table.count * format.count)
    for row in 0..<table.count {
      let picture = Picture(
        width: table.format.width, height: table.format.height, channels: table.format.channels,
        pixels: Array(table.image(row)))
      pixels.append(contentsOf: image(of: picture))
      progress.advance()
    }
    return ImageTable(format: format, labels: table.labels, pixels: pixels, hasLabels: table.hasLabels)
  }
}
