import Glibc
import ModelFiles
import Platform

/// What happens in a run's folder of checkpoints while a job writes to it.
struct CheckpointWatch {
  /// The folder.
  let folder: String
  /// The checkpoints that were made since this watch began.
  private(set) var made = 0
  /// The step of the last of them, or of the newest that was there before; 0 if there is none.
  private(set) var step = 0
  /// Whether one is being written.
  private(set) var isWriting = false

  // A checkpoint that is written again is another file of the same name; and the disk gives the numbers of removed files to
  // new ones.
  private struct Identity: Hashable { var file: ino_t, second: Int, nanosecond: Int }
  private var known: Set<Identity> = []
  private var leftBehind: Set<String> = []

  /// Begins to watch: what is there is old.
  init(folder: String) {
    self.folder = folder
    look()
    made = 0
    isWriting = false
    leftBehind = Set(names().filter(AtomicFile.isTemporary))
  }

  /// Looks what has changed.
  mutating func look() {
    let names = names()
    isWriting = names.contains { AtomicFile.isTemporary($0) && !leftBehind.contains($0) }
    for (step, name) in names.compactMap({ name in CheckpointNames.step(name).map { ($0, name) } }).sorted(by: <) {
      var status = stat()
      guard stat("\(folder)/\(name)", &status) == 0 else { continue }
      let (file, written) = (status.st_ino, status.st_mtim)
      guard known.insert(Identity(file: file, second: written.tv_sec, nanosecond: written.tv_nsec)).inserted else {
        continue
      }
      made += 1
      self.step = step
    }
  }

  /// The paths of the checkpoints that are there, the newest first.
  var newest: [String] {
    names().compactMap(CheckpointNames.step).sorted(by: >).map { "\(folder)/\(CheckpointNames.name(step: $0))" }
  }

  private func names() -> [String] { (try? Folders.names(in: folder)) ?? [] }
}
