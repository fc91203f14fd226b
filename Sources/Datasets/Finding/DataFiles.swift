import Platform

/// The paths of the data set's two files.
public struct DataFiles: Hashable, Sendable {
  /// One of the two files.
  public enum Part: Sendable, CaseIterable {
    case train, test

    /// The file's name in Kaggle's download.
    public var fileName: String { self == .train ? DataFiles.trainName : DataFiles.testName }
  }

  /// The path of the training file.
  public var train: String
  /// The path of the test file.
  public var test: String

  /// The training file's name in Kaggle's download.
  public static let trainName = "sign_mnist_train.csv"
  /// The test file's name in Kaggle's download.
  public static let testName = "sign_mnist_test.csv"
  /// The command that downloads the data set into `data/`.
  public static let kaggleCommand = "kaggle datasets download -d datamunge/sign-language-mnist --unzip -p data"

  /// The files at these paths, which are not checked.
  public init(train: String, test: String) {
    self.train = train
    self.test = test
  }

  /// Finds both files in a directory: directly, or in subfolders with their names, with or without the extension
  /// (Kaggle's zip has `sign_mnist_train/sign_mnist_train.csv`).
  public static func locate(in directory: String) throws(DataFilesMissing) -> DataFiles {
    let found = try locate(Part.allCases, in: directory)
    return DataFiles(train: found[0], test: found[1])
  }

  /// Finds some of the files in a directory, in the same way. Returns their paths in the same order.
  public static func locate(_ parts: [Part], in directory: String) throws(DataFilesMissing) -> [String] {
    let found = parts.map { path(of: $0, in: directory) }
    guard found.allSatisfy({ $0 != nil }) else {
      throw DataFilesMissing(parts: zip(parts, found).filter { $1 == nil }.map { $0.0 }, in: directory)
    }
    return found.compactMap { $0 }
  }

  /// The path of a file in a directory; nil if it is not there.
  public static func path(of part: Part, in directory: String) -> String? {
    candidates(part.fileName, in: directory).first { PathKind(of: $0) == .file }
  }

  /// Whether a path names a regular file.
  public static func isFile(_ path: String) -> Bool { PathKind(of: path) == .file }

  static func candidates(_ name: String, in directory: String) -> [String] {
    let folder = Folders.trimmed(directory)
    let stem = name.dropLast(".csv".count)
    return ["\(folder)/\(name)", "\(folder)/\(stem)/\(name)", "\(folder)/\(name)/\(name)"]
  }
}

/// One or both files of the data set were not found.
public struct DataFilesMissing: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// `Remedy.nameData`.
  public var remedy: Remedy? { mayBeFile ? nil : .nameData }

  /// Whether the path may name one CSV as well; then there are no other files to name.
  public var mayBeFile = false

  /// The directory that was searched.
  public let directory: String
  /// Whether that directory exists.
  public let directoryExists: Bool
  /// Every path that was tried for the missing files.
  public let lookedFor: [String]
  /// What was found instead, with advice: one line each, from `FolderContents`.
  public let traces: [String]
  private let kind: PathKind?

  init(parts: [DataFiles.Part], in directory: String) {
    self.directory = directory
    kind = PathKind(of: directory)
    directoryExists = kind == .folder
    lookedFor = parts.flatMap { DataFiles.candidates($0.fileName, in: directory) }
    traces = FolderContents(of: directory).lines
  }

  /// What is missing, where it was searched for, what was found instead, and how to get the data set.
  public var description: String {
    let tried = lookedFor.map { "\n  \(foreign($0))" }.joined()
    let found = traces.isEmpty ? "" : "\nfound instead:" + traces.map { "\n  \($0)" }.joined()
    switch kind {
    case .file?:
      return traces.first ?? "\(foreign(directory)) is a file, not a folder"
    case .folder?:
      let isPart = DataFiles.Part.allCases.contains { DataFiles.path(of: $0, in: directory) != nil }
      let others = isPart || !traces.isEmpty ? "" : FolderContents.withoutTraces(directory)
      return
        "the data set is \(isPart ? "incomplete" : "not") in \(foreign(directory)); looked for:\(tried)\(found)\(others)"
        + "\nGet the data set with: \(DataFiles.kaggleCommand)"
    case .danglingLink(let target)?:
      return "\(foreign(directory)) is a link to \(foreign(target)), which does not exist; is a disk not mounted?"
    case .unreadable(let why)?: return "\(foreign(directory)) cannot be read: \(why)"
    case .other?: return "\(foreign(directory)) is neither a folder nor a file"
    case nil:
      return "there is no \(mayBeFile ? "file or folder" : "folder") \(foreign(directory)); looked for:\(tried)\(found)"
        + "\nGet the data set with: \(DataFiles.kaggleCommand)"
    }
  }
}

extension Remedy {
  /// Specify the data set's folder, or its files.
  public static let nameData = Remedy("name-data")
}
