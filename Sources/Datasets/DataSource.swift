/// A source of rows: a CSV file or the synthetic data set.
public enum DataSource: Sendable, Equatable {
  /// A CSV file in Kaggle's format.
  case csv(path: String)
  /// The first `rows` images of a part of the synthetic data set.
  case synthetic(SyntheticSet.Part, rows: Int, seed: UInt64)

  /// The source's name in messages and in run.json.
  public var name: String {
    switch self {
    case .csv(let path): path
    case .synthetic(let part, let rows, let seed): "synthetic data set (\(part), \(rows) rows, seed \(seed))"
    }
  }

  /// The paths of the files that it reads; empty for the synthetic data set.
  public var paths: [String] { if case .csv(let path) = self { [path] } else { [] } }

  /// Reads part `index` of `count` of the rows; the parts, concatenated, are all rows.
  public func part(_ index: Int, of count: Int) throws -> ImageTable {
    switch self {
    case .csv(let path):
      return try CSVFile(path: path).part(index, of: count)
    case .synthetic(let part, let rows, let seed):
      return SyntheticSet.make(part, rows: index * rows / count..<(index + 1) * rows / count, seed: seed)
    }
  }
}

extension DataSource {
  /// Reads all rows; also returns whether they have labels.
  ///
  /// - Parameter needsLabels: whether rows without labels are an error; otherwise their labels read as 0.
  public func rows(needsLabels: Bool) throws -> (table: ImageTable, hasLabels: Bool) {
    guard case .csv(let path) = self else { return (try part(0, of: 1), true) }
    let file = try CSVFile(path: path, needsLabels: needsLabels)
    return (try file.rows(), file.hasLabels)
  }
}

/// The data of a run: training and validation rows.
public struct DataSources: Sendable, Equatable {
  /// The rows to train on.
  public var train: DataSource
  /// The rows to validate on.
  public var test: DataSource

  /// Sources for training and validation.
  public init(train: DataSource, test: DataSource) {
    self.train = train
    self.test = test
  }

  /// The synthetic data set at its default size.
  public static let synthetic = DataSources(
    train: .synthetic(.train, rows: SyntheticSet.Part.train.defaultRows, seed: 1),
    test: .synthetic(.test, rows: SyntheticSet.Part.test.defaultRows, seed: 1))
}
