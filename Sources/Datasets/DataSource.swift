import Platform

/// Rows from a source, as a network takes them.
public struct DataSource: Sendable {
  /// Where the rows come from.
  public var rows: any RowSource
  /// What the network takes.
  public var request: RowRequest

  /// The names of the classes that the user gave; nil for those that the source knows, or the standard ones.
  public var names: ClassNames?

  /// The rows of a source, by default for the default network.
  public init(_ rows: any RowSource, _ request: RowRequest = .signLanguageMNIST) {
    self.rows = rows
    self.request = request
  }

  /// A CSV file.
  public static func csv(path: String) -> DataSource { DataSource(CSVRows(path: path)) }

  /// The first `rows` images of a part of the synthetic data set.
  public static func synthetic(_ part: SyntheticSet.Part, rows: Int, seed: UInt64) -> DataSource {
    DataSource(SyntheticRows(part, count: rows, seed: seed))
  }

  /// The source's name in messages and in run.json.
  public var name: String { rows.name }

  /// The paths of the files that it reads; empty for the synthetic data set.
  public var paths: [String] { rows.paths }

  /// Whether these are rows of the synthetic data set.
  public var isSynthetic: Bool { rows.isSynthetic }

  /// The names of the `request.classCount` classes; those without a name are called by their numbers.
  public func classNames() throws -> ClassNames {
    (try names ?? rows.classNames() ?? .standard(request.classCount)).fitted(to: request.classCount)
  }

  /// Names the classes, if names are given.
  ///
  /// - Throws: a `Failure` if there are more names than the network has classes.
  public mutating func name(classes: ClassNames?) throws {
    guard let classes else { return }
    try request.check(classes)
    names = classes
  }

  /// Reads part `index` of `count` of the rows; the parts, concatenated, are all rows.
  public func part(_ index: Int, of count: Int) throws -> ImageTable {
    precondition(count > 0 && (0..<count).contains(index), "part \(index) of \(count)")
    let table = try rows.part(index, of: count, request)
    guard table.format == request.format else {
      throw FormatMismatch(source: name, found: table.format, wanted: request.format)
    }
    return table
  }

  /// Reads all rows.
  ///
  /// - Parameter needsLabels: whether rows without labels are an error.
  public func table(needsLabels: Bool) throws -> ImageTable {
    var source = self
    source.request.needsLabels = needsLabels
    return try source.part(0, of: 1)
  }
}

/// Images of another size or number of channels than the network takes.
public struct FormatMismatch: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// `Remedy.fit`, for images of a kind that pictures have.
  public var remedy: Remedy? { [1, 3].contains(found.channels) && [1, 3].contains(wanted.channels) ? .fit : nil }

  /// The source's name.
  public let source: String
  /// What its images are, and what they should be.
  public let found: ImageFormat, wanted: ImageFormat

  /// Images of a source that are not what is wanted.
  package init(source: String, found: ImageFormat, wanted: ImageFormat) {
    self.source = source
    self.found = found
    self.wanted = wanted
  }

  /// What is wrong.
  public var description: String {
    "\(foreign(source)) has images of \(found), but the network takes \(wanted); convert them, or use a network for them"
  }
}

extension Remedy {
  /// Fit images of another shape or color to the network's input.
  public static let fit = Remedy("fit")
}

/// The data of a run: training and validation rows.
public struct DataSources: Sendable {
  /// The rows to train on.
  public var train: DataSource
  /// The rows to validate on.
  public var test: DataSource

  /// Sources for training and validation.
  public init(train: DataSource, test: DataSource) {
    self.train = train
    self.test = test
  }

  /// What the network takes of both.
  public var request: RowRequest {
    get { train.request }
    set { (train.request, test.request) = (newValue, newValue) }
  }

  /// Names the classes, if names are given.
  ///
  /// - Throws: a `Failure` if there are more names than the network has classes.
  public mutating func name(classes: ClassNames?) throws {
    try train.name(classes: classes)
    try test.name(classes: classes)
  }

  /// The synthetic data set at its default size.
  public static let synthetic = DataSources(
    train: .synthetic(.train, rows: SyntheticSet.Part.train.defaultRows, seed: 1),
    test: .synthetic(.test, rows: SyntheticSet.Part.test.defaultRows, seed: 1))
}
