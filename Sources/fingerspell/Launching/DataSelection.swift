import Communication
import SignLanguageMNIST
import Training

/// The data that a user chose on the command line.
enum DataSelection: Sendable {
  /// A folder with both files.
  case folder(String)
  /// One file each; the test rows are not needed where training rows are held out.
  case files(train: String, test: String?)
  /// The test rows alone.
  case testFile(String)
  /// Nothing chosen: `data/` if it has the files, else the built-in set.
  case automatic

  /// The folder that is looked into when none is named.
  static let defaultFolder = "data"

  /// The sources that all workers read. Collective: any worker's error becomes everyone's.
  func sources(_ communicator: any Communicator) throws -> DataSources {
    switch self {
    case .folder(let folder):
      return try communicator.agree { try Self.located(in: folder) }
    case .files(let train, let test):
      return DataSources(train: .csv(path: train), test: .csv(path: test ?? train))
    case .testFile(let test):
      return DataSources(train: .csv(path: test), test: .csv(path: test))
    case .automatic:
      // Rank 0 decides for all: another host may have no such folder, and then has to say so.
      let present = communicator.rank == 0 && (try? DataFiles.locate(in: Self.defaultFolder)) != nil
      let isPresent = try communicator.broadcast(fromRoot: [UInt8(present ? 1 : 0)], root: 0)[0] == 1
      guard isPresent else { return .synthetic }
      return try communicator.agree { try Self.located(in: Self.defaultFolder) }
    }
  }

  /// The test rows' source, for one process.
  func testSource() throws -> DataSource {
    switch self {
    case .folder(let folder): try Self.located(in: folder).test
    case .files(let train, let test): .csv(path: test ?? train)
    case .testFile(let test): .csv(path: test)
    case .automatic: ((try? Self.located(in: Self.defaultFolder)) ?? .synthetic).test
    }
  }

  /// The training rows' source, for one process.
  func trainSource() throws -> DataSource {
    switch self {
    case .folder(let folder): try Self.located(in: folder).train
    case .files(let train, _): .csv(path: train)
    case .testFile(let test): .csv(path: test)
    case .automatic: ((try? Self.located(in: Self.defaultFolder)) ?? .synthetic).train
    }
  }

  private static func located(in folder: String) throws -> DataSources {
    let files = try DataFiles.locate(in: folder)
    return DataSources(train: .csv(path: files.train), test: .csv(path: files.test))
  }
}

extension DataSource {
  /// Whether these are rows of the built-in set.
  var isBuiltIn: Bool {
    if case .synthetic = self { true } else { false }
  }

  /// What a user who named no data must know about the built-in set.
  static let builtInNotice = """
    No data named, and none in \(DataSelection.defaultFolder)/: this is the built-in synthetic set, drawn hands whose accuracy says \
    nothing about real ones.
    Get the real data with: \(DataFiles.kaggleCommand)
    """
}
