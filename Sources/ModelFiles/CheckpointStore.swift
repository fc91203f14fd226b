import NeuralNet
import Platform

/// A folder of checkpoints, named by the steps taken: `step-00001716.safetensors`. One process writes to it.
public struct CheckpointStore: Sendable {
  /// The checkpoints that are kept.
  public static let kept = 3

  /// The most bytes that a checkpoint can have: more vectors than there are, and the longest header that is read. What is
  /// larger is not read.
  static let sizeLimit = 100_000_000 + 16 * NetworkDefinition.layout.paddedCount * MemoryLayout<Float>.stride

  private let parent: Folder
  private let name: String

  /// The checkpoints in the folder of that name in another one. It need not be there yet.
  public init(in parent: Folder, name: String) {
    self.parent = parent
    self.name = name
  }

  /// The path of the checkpoint that is written after so many steps.
  public func path(step: Int) -> String { "\(parent.path(name))/\(CheckpointNames.name(step: step))" }

  /// The steps of the checkpoints that are there, the latest first; none if there is no folder.
  public func steps() throws(FileError) -> [Int] {
    guard parent.kind(of: name) == .folder else { return [] }
    return try parent.folder(name).names().compactMap(CheckpointNames.step).sorted(by: >)
  }

  /// Makes the folder and removes what a killed writer has left in it.
  public func prepare() throws(FileError) {
    _ = try parent.make(name)
    let folder = try parent.folder(name)
    for name in try folder.names() where AtomicFile.isTemporary(name) { folder.remove(name) }
  }

  /// Writes a checkpoint, whole or not at all, and then removes those that it makes superfluous.
  ///
  /// - Parameter confirm: called before anything is replaced or removed; if it throws, all stays as it was.
  public func write(_ checkpoint: Checkpoint, step: Int, confirm: () throws -> Void = {}) throws {
    let folder = try parent.folder(name)
    try AtomicFile.write(checkpoint.encoded(), to: CheckpointNames.name(step: step), in: folder, confirm: confirm)
    try confirm()
    // What cannot be removed takes room and harms nothing: it is tried again after the next one.
    for name in CheckpointNames.superfluous(among: try folder.names(), written: step, keeping: Self.kept) {
      folder.remove(name)
    }
  }

  /// Reads the checkpoint of that step. Throws `FileError` or `CheckpointError`.
  public func read(step: Int) throws -> Checkpoint {
    let folder = try parent.folder(name)
    let name = CheckpointNames.name(step: step)
    if let size = folder.size(of: name), size > Self.sizeLimit {
      throw CheckpointError.malformed("it has \(size) bytes, and no checkpoint has more than \(Self.sizeLimit)")
    }
    return try Checkpoint(bytes: folder.read(name, atMost: Self.sizeLimit))
  }
}

/// The names in a folder of checkpoints, and which of them are to go: pure, decided without looking at the disk.
public enum CheckpointNames {
  private static let prefix = "step-"
  private static let suffix = ".safetensors"

  /// The name of the checkpoint that is written after so many steps.
  public static func name(step: Int) -> String {
    let digits = String(step)
    return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + suffix
  }

  /// The step of a checkpoint's name; nil for any other name.
  public static func step(_ name: String) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count else { return nil }
    let step = Int(name.dropFirst(prefix.count).dropLast(suffix.count))
    return step.flatMap { $0 >= 0 && Self.name(step: $0) == name ? $0 : nil }
  }

  /// The names to remove when the checkpoint of step `written` has just been written whole, with `keeping` to stay.
  ///
  /// It stays, with the latest ones before it. Those of later steps were found damaged, or the run would have gone on from
  /// them; and temporary files are a killed writer's, because there is one writer and it has just finished.
  public static func superfluous(among names: [String], written: Int, keeping: Int) -> [String] {
    let earlier = names.compactMap(step).filter { $0 < written }.sorted(by: >)
    let stay = Set(earlier.prefix(max(0, keeping - 1)) + [written])
    return names.filter { name in
      step(name).map { !stay.contains($0) } ?? AtomicFile.isTemporary(name)
    }
  }
}
