import FoundationEssentials
import Platform
import Training

extension RunRecord {
  /// The most bytes that are read of a file; what is larger is damaged.
  private static let limit = 1 << 26

  /// Reads the folder of a run.
  ///
  /// - Throws: `FileError`, or a `Failure` that names the damaged file.
  public init(path: String) throws {
    try self.init(try Folder(path))
  }

  init(_ folder: Folder) throws {
    let (description, epochs) = try Self.progress(folder)
    let real = folder.currentPath ?? folder.path
    self.init(
      name: real.split(separator: "/").last.map(String.init) ?? real, description: description, epochs: epochs,
      examination: try Self.examination(folder), test: try Self.test(folder))
  }

  /// run.json and metrics.csv alone.
  static func progress(_ folder: Folder) throws -> (RunDescription, [EpochMetrics]) {
    let name = RunFolder.File.description.rawValue
    guard folder.kind(of: name) != nil else {
      throw Failure(.data, "\(foreign(folder.path)) is no run folder: it has no \(name)")
    }
    let description = try read(.description, folder) { try RunDescription(encoded: $0) }
    let metrics = try bytes(.metrics, folder) ?? []
    return (description, try EpochMetrics.read(metrics, path: folder.path(RunFolder.File.metrics.rawValue)))
  }

  private static func examination(_ folder: Folder) throws -> Examination? {
    guard folder.kind(of: RunFolder.File.examination.rawValue) != nil else { return nil }
    let examination = try read(.examination, folder) {
      try ExactJSON.decoder().decode(Examination.self, from: Data($0))
    }
    if let fault = examination.fault { throw damage(.examination, folder, fault) }
    return examination
  }

  private static func test(_ folder: Folder) throws -> StoredEvaluation? {
    guard folder.kind(of: RunFolder.File.test.rawValue) != nil else { return nil }
    let test = try read(.test, folder) { try ExactJSON.decoder().decode(StoredEvaluation.self, from: Data($0)) }
    if let fault = test.fault { throw damage(.test, folder, fault) }
    return test
  }

  private static func read<Value>(
    _ file: RunFolder.File, _ folder: Folder, _ decode: ([UInt8]) throws -> Value
  ) throws -> Value {
    let bytes = try bytes(file, folder) ?? []
    do {
      return try decode(bytes)
    } catch {
      throw damage(file, folder, "it is not what a run writes")
    }
  }

  private static func bytes(_ file: RunFolder.File, _ folder: Folder) throws -> [UInt8]? {
    guard folder.kind(of: file.rawValue) != nil else { return nil }
    guard let size = folder.size(of: file.rawValue), size <= limit else {
      throw damage(file, folder, "it has more than \(limit >> 20) MiB")
    }
    return try folder.read(file.rawValue, atMost: limit)
  }

  private static func damage(_ file: RunFolder.File, _ folder: Folder, _ fault: String) -> Failure {
    Failure(.data, "\(foreign(folder.path(file.rawValue))) is damaged: \(fault)")
  }
}

extension RunFolder {
  /// What the folder says about its run now.
  public func record() throws -> RunRecord { try RunRecord(folder) }
}
