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
    let name = RunFolder.File.description.rawValue
    guard folder.kind(of: name) != nil else {
      throw Failure(.data, "\(foreign(folder.path)) is no run folder: it has no \(name)")
    }
    let real = folder.currentPath ?? folder.path
    self.init(
      name: real.split(separator: "/").last.map(String.init) ?? real,
      description: try Self.read(.description, folder) { try RunDescription(encoded: $0) },
      epochs: try EpochMetrics.read(
        try Self.bytes(.metrics, folder) ?? [], path: folder.path(RunFolder.File.metrics.rawValue)),
      examination: try Self.examination(folder), test: try Self.test(folder))
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

extension Examination {
  /// What is wrong with the numbers; nil if they can be an examination.
  var fault: String? {
    guard formatVersion == Self.formatVersion else { return "its format is of version \(formatVersion)" }
    guard (2...1024).contains(classes), (1...1 << 40).contains(rows), (0...1 << 40).contains(trainingRows),
      (0...1 << 30).contains(epoch), (0...1).contains(accuracy)
    else { return "a number in it is impossible" }
    let labels = 0..<classes
    let counts =
      confusion.map { (label: $0.label, prediction: $0.prediction, count: $0.count) }
      + pairs.map { (label: $0.label, prediction: $0.prediction, count: $0.count) }
    let samples = worst + pairs.flatMap { $0.examples + [$0.genuine].compactMap { $0 } }
    guard counts.allSatisfy({ labels ~= $0.label && labels ~= $0.prediction && (1...rows) ~= $0.count }),
      samples.allSatisfy({ labels ~= $0.label && labels ~= $0.prediction }), means.allSatisfy({ labels ~= $0.label })
    else { return "it names a class that the network has not" }
    // Each cell is there once, so that their sum does not overflow.
    guard zip(confusion, confusion.dropFirst()).allSatisfy({ ($0.label, $0.prediction) < ($1.label, $1.prediction) }),
      confusion.reduce(0, { $0 + $1.count }) == rows
    else { return "its confusion matrix does not count its rows" }
    let (sides, format) = (1...64, imageFormat)
    guard sides ~= format.height, sides ~= format.width, [1, 3].contains(format.channels),
      (samples.map(\.image) + means.map(\.image)).allSatisfy({ $0.count == format.count })
    else { return "an image in it has not the size of its format" }
    return nil
  }
}
