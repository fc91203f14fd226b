import ArgumentParser
import FoundationEssentials
import Glibc
import MPICommunication
import Platform
import Training

/// The run that faults are injected into.
struct ChaosTrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder of the data set. (default: data/, else the synthetic data set)", valueName: "dir"))
  var data: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Epochs.", valueName: "n"))
  var epochs = 3

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps per epoch.", valueName: "n"))
  var stepsPerEpoch = 24

  @Option(parsing: .unconditional, help: ArgumentHelp("Samples per step.", valueName: "n"))
  var batchSize = 100

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps between two checkpoints.", valueName: "steps"))
  var checkpointEvery = 2

  func validate() throws {
    try Bounds.check("--epochs", epochs, Bounds.epochs)
    try Bounds.check("--steps-per-epoch", stepsPerEpoch, Bounds.steps)
    try Bounds.check("--batch-size", batchSize, Bounds.batchSize)
    try Bounds.check("--checkpoint-every", checkpointEvery, Bounds.steps)
  }

  /// The run as options of this command.
  var arguments: [String] {
    (data.map { ["--data", $0] } ?? []) + [
      "--epochs", "\(epochs)", "--steps-per-epoch", "\(stepsPerEpoch)", "--batch-size", "\(batchSize)",
      "--checkpoint-every", "\(checkpointEvery)",
    ]
  }

  /// How many checkpoints it makes: one every n steps, and one at each epoch's end.
  var checkpoints: Int {
    let steps = epochs * stepsPerEpoch
    let regular = steps / checkpointEvery
    let atEnds = (1...epochs).count { $0 * stepsPerEpoch % checkpointEvery != 0 }
    return regular + atEnds
  }

  var title: String {
    "\(epochs) x \(stepsPerEpoch) steps of \(batchSize) samples, a checkpoint every \(checkpointEvery) steps"
  }
}

/// Which faults.
struct ChaosFaultOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of schedules, each of two to four jobs with one fault.", valueName: "n"))
  var schedules = 6

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Random seed (>= 0) of the first schedule; each next schedule adds 1.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(parsing: .unconditional, help: ArgumentHelp("Maximum number of threads or ranks of a job.", valueName: "n"))
  var maxWorkers = 4

  @Flag(help: "Use no ranks, and no faults that only ranks can have.")
  var threadsOnly = false

  @Option(
    help: ArgumentHelp(
      "The program that starts ranks. (default: the mpirun of this program's MPI library)", valueName: "program"))
  var mpirun: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seconds after which a job with a stopped rank must end itself.", valueName: "seconds"))
  var stallTimeout = 8

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Seconds after which a job counts as hanging.", valueName: "seconds")
  )
  var timeLimit = 60

  func validate() throws {
    try Bounds.check("--schedules", schedules, Bounds.repetitions)
    try Bounds.check("--max-workers", maxWorkers, Bounds.workers)
    // A worker is held up for a second, which must be no stall.
    try Bounds.check("--stall-timeout", stallTimeout, 3...86_400)
    try Bounds.check("--time-limit", timeLimit, 1...86_400)
    guard seed <= UInt64.max - UInt64(schedules) else {
      throw ValidationError("--seed is \(seed); there are no \(schedules) numbers after it.")
    }
    guard timeLimit > stallTimeout else {
      throw ValidationError("--time-limit is \(timeLimit); it must be above --stall-timeout, \(stallTimeout).")
    }
    if threadsOnly, mpirun != nil {
      throw ValidationError("--threads-only starts no ranks: use it, or --mpirun.")
    }
  }

  /// The seeds of the schedules.
  var seeds: Range<UInt64> { seed..<(seed + UInt64(schedules)) }

  /// All but the number of schedules and the seed, as options.
  var arguments: [String] {
    ["--max-workers", "\(maxWorkers)", "--stall-timeout", "\(stallTimeout)", "--time-limit", "\(timeLimit)"]
      + (threadsOnly ? ["--threads-only"] : []) + (mpirun.map { ["--mpirun", $0] } ?? [])
  }
}

/// Where it works.
struct ChaosOutputOptions: ParsableArguments {
  @Option(
    name: .customLong("output"),
    help: ArgumentHelp(
      "Working folder; a failed schedule's files stay there. (default: a temporary folder)",
      valueName: "dir"))
  var folder: String?

  @Flag(help: "Keep the files of all schedules, not only of failed ones.")
  var keep = false

  /// Makes the folder.
  func make() throws -> ChaosFolder {
    if let folder {
      try Folders.make(folder)
      guard try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty else {
        throw Failure(.io, "the folder \(folder) is not empty; name another one with --output")
      }
      // Open MPI takes a relative folder of temporary files for one below the root.
      guard let path = realpath(folder, nil) else { throw FileError("find", folder) }
      defer { free(path) }
      return ChaosFolder(path: String(cString: path))
    }
    let temporary = FileManager.default.temporaryDirectory.path
    var template = Array("\(temporary)/fingerspell-chaos-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError("create a folder in", temporary) }
    return ChaosFolder(path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
}

/// The folder of all schedules.
struct ChaosFolder {
  let path: String

  /// Removes what is in it under that name.
  func remove(_ name: String) { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  /// Removes it with all that is in it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// Removes it if nothing in it is worth keeping.
  func removeIfEmpty() { rmdir(path) }
}
