import Communication
import Datasets
import ImageFiles

/// The data that a user chose on the command line.
enum DataSelection: Sendable {
  /// A folder with the files that are needed, or a file that holds the rows.
  case folder(String)
  /// One file each; the test rows are not needed where training rows are held out.
  case files(train: String, test: String?)
  /// The test rows alone.
  case testFile(String)
  /// Nothing chosen: `data/` if it has the files, the synthetic data set if it has nothing of them.
  case automatic

  /// The folder that is looked into when none is named.
  static let defaultFolder = "data"

  /// The sources that all workers read. Collective: any worker's error becomes everyone's.
  ///
  /// - Parameter parts: what is needed; the other source is then the same.
  func sources(
    _ communicator: any Communicator, needing parts: [DataFiles.Part] = DataFiles.Part.allCases
  ) throws -> DataSources {
    guard case .automatic = self else { return try communicator.agree { try named(parts) } }
    // A host without the folder has to say so where another has one, whichever of them is rank 0's.
    let isPresent = try communicator.agree { try Self.isPresent(parts) }
    guard try communicator.allReduce(isPresent ? 1 : 0, .maximum) == 1 else {
      if communicator.rank == 0 { DataSource.announceSynthetic() }
      return .synthetic
    }
    return try communicator.agree { try Self.located(parts, in: Self.defaultFolder) }
  }

  /// Files of the set that the user named or that would be taken: none of them may become an output.
  var files: [String] {
    switch self {
    case .folder(let folder): DataFolder.files(at: folder)
    case .automatic: DataFolder.files(at: Self.defaultFolder)
    case .files(let train, let test): [train, test].compactMap(\.self)
    case .testFile(let test): [test]
    }
  }

  /// The source of one part, for one process.
  func source(_ part: DataFiles.Part) throws -> DataSource {
    var sources = DataSources.synthetic
    if case .automatic = self {
      if try Self.isPresent([part]) {
        sources = try Self.located([part], in: Self.defaultFolder)
      } else {
        DataSource.announceSynthetic()
      }
    } else {
      sources = try named([part])
    }
    return part == .train ? sources.train : sources.test
  }

  /// The sources that the user named.
  private func named(_ parts: [DataFiles.Part]) throws -> DataSources {
    switch self {
    case .folder(let folder): return try Self.located(parts, in: folder)
    case .files(let train, let test):
      let training = try Self.source(.train, train)
      return DataSources(train: training, test: try Self.source(.test, test ?? train, training: training))
    case .testFile(let test):
      let source = try Self.source(.test, test)
      return DataSources(train: source, test: source)
    case .automatic: return .synthetic
    }
  }

  /// Whether the default folder has what is needed. A folder that has only something of the set is an error: who put it
  /// there wants no drawn hands.
  private static func isPresent(_ parts: [DataFiles.Part]) throws -> Bool {
    do {
      _ = try DataFolder.sources(parts, at: defaultFolder)
      return true
    } catch let error as DataFilesMissing {
      guard error.traces.isEmpty else { throw error }
      return false
    }
  }

  private static func located(_ parts: [DataFiles.Part], in folder: String) throws -> DataSources {
    // What a file is, its beginning says: a list of images or an image, or a table.
    if DataFiles.isFile(folder), let images = try ImageSources.sources(parts, at: folder) {
      return DataSources(train: DataSource(images[0]), test: DataSource(images[images.count - 1]))
    }
    let found: [DataSource]
    do {
      found = try DataFolder.sources(parts, at: folder).map { DataSource($0) }
    } catch {
      // Tables come first: Kaggle's download of this data set has pictures beside them.
      guard let images = try ImageSources.sources(parts, at: folder) else {
        throw ImageSources.unreadable(at: folder) ?? error
      }
      found = images.map { DataSource($0) }
    }
    return DataSources(train: found[0], test: found[found.count - 1])
  }

  /// The rows of one file, or one folder of images, that the user named.
  private static func source(
    _ part: DataFiles.Part, _ path: String, training: DataSource? = nil
  ) throws -> DataSource {
    if let images = try ImageSources.sources([part], at: path, training: training?.rows) {
      return DataSource(images[0])
    }
    if let unreadable = ImageSources.unreadable(at: path, isNeeded: true) { throw unreadable }
    return DataSource(try DataFolder.source(part, path))
  }
}

extension DataSource {
  /// Tells a user who named no data what the synthetic data set is. Standard error, and whatever is asked to be quiet: a model of
  /// drawn hands must not be taken for one of real ones.
  static func announceSynthetic() {
    let text = """
      No data named, and none in \(DataSelection.defaultFolder)/: this is the synthetic data set, drawn hands whose \
      accuracy says nothing about real ones.
      Get the real data with: \(DataFiles.kaggleCommand)
      """
    if let lines = JSONLines.current { lines.warn(text) } else { Ending.write(line: text) }
  }
}
