import NeuralNet
import Platform

/// A folder of checkpoints, named by training step: `step-00001716.safetensors`. One process writes to it.
public struct CheckpointStore: Sendable {
  /// The number of checkpoints that are kept.
  public static let kept = 3

  /// The maximum size of a checkpoint in bytes; larger files are not read.
  private let sizeLimit: Int
  private let parent: Folder
  private let name: String

  /// The checkpoints of a network in the subfolder `name` of a folder. It need not exist yet.
  public init(in parent: Folder, name: String, of architecture: Architecture) {
    self.parent = parent
    self.name = name
    sizeLimit = Checkpoint.sizeLimit(architecture)
  }

  /// The path of the checkpoint of a training step.
  public func path(step: Int) -> String { "\(parent.path(name))/\(CheckpointNames.name(step: step))" }

  /// The steps of the existing checkpoints, the latest first; empty if the folder does not exist.
  public func steps() throws(FileError) -> [Int] {
    guard parent.kind(of: name) == .folder else { return [] }
    return try parent.folder(name).names().compactMap(CheckpointNames.step).sorted(by: >)
  }

  /// Makes the folder, and removes temporary files that a killed writer left in it.
  public func prepare() throws(FileError) {
    _ = try parent.make(name)
    let folder = try parent.folder(name)
    for name in try folder.names() where AtomicFile.isTemporary(name) { folder.remove(name) }
  }

  /// Writes a checkpoint atomically, then removes those that are no longer needed.
  ///
  /// - Parameter confirm: called before anything is replaced or removed; if it throws, nothing changes.
  public func write(_ checkpoint: Checkpoint, step: Int, confirm: () throws -> Void = {}) throws {
    let folder = try parent.folder(name)
    try AtomicFile.write(checkpoint.encoded(), to: CheckpointNames.name(step: step), in: folder, confirm: confirm)
    try confirm()
    // A file that cannot be removed only takes space; the next write tries again.
    for name in CheckpointNames.superfluous(among: try folder.names(), written: step, keeping: Self.kept) {
      folder.remove(name)
    }
  }

  /// Reads the checkpoint of a step. Throws `FileError` or `CheckpointError`.
  public func read(step: Int) throws -> Checkpoint {
    let folder = try parent.folder(name)
    let name = CheckpointNames.name(step: step)
    if let size = folder.size(of: name), size > sizeLimit {
      throw CheckpointError.malformed("it has \(size) bytes, but a checkpoint has at most \(sizeLimit)")
    }
    return try Checkpoint(bytes: folder.read(name, atMost: sizeLimit))
  }
}

/// The names of checkpoint files, and which of them to remove: pure functions that do not access the disk.
public enum CheckpointNames {
  private static let prefix = "step-"
  private static let suffix = ".safetensors"

  /// The file name of the checkpoint of a training step.
  public static func name(step: Int) -> String {
    let digits = String(step)
    return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + suffix
  }

  /// The step of a checkpoint's file name; nil for any other name.
  public static func step(_ name: String) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count else { return nil }
    let step = Int(name.dropFirst(prefix.count).dropLast(suffix.count))
    return step.flatMap { $0 >= 0 && Self.name(step: $0) == name ? $0 : nil }
  }

  /// The names to remove after writing the checkpoint of step `written`, to keep `keeping` checkpoints.
  ///
  /// Keeps the one just written and the latest ones before it. Those of later steps are damaged: otherwise the run would
  /// have resumed from them. Temporary files are left over from a killed writer, since the only writer has just finished.
  public static func superfluous(among names: [String], written: Int, keeping: Int) -> [String] {
    let earlier = names.compactMap(step).filter { $0 < written }.sorted(by: >)
    let stay = Set(earlier.prefix(max(0, keeping - 1)) + [written])
    return names.filter { name in
      step(name).map { !stay.contains($0) } ?? AtomicFile.isTemporary(name)
    }
  }
}
