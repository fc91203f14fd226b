import ArgumentParser
import Checkpoints
import Diagnostics
import FoundationEssentials
import Glibc
import Training

/// `fingerspell chaos`.
struct Chaos: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show that a run that is killed, stopped, starved and damaged ends with the bits of one that is not.",
    discussion: """
      Trains a short run undisturbed, and then again under schedules of faults: jobs that are killed, stopped or sent \
      signals, whose disk is full or whose writes are cut, and between them checkpoints that are truncated, changed or \
      deleted. Each job goes on with --resume, on another number of threads or ranks; the last one is left alone, and must \
      end with the undisturbed run's model.safetensors and metrics.csv (but for the seconds). A job that hangs or ends with \
      an exit code that does not fit its fault is a failure too.

      A schedule is drawn from its seed and these options alone, though the machine decides what exactly a fault meets. A \
      failure tells the command that repeats its schedule, and keeps its run folder and the jobs' output. Faults need no \
      root, but for the full disk: that is a small one in memory, which root can mount.

      What follows -- goes to fingerspell train, so that other recipes can be put to the test.

      EXAMPLES
        fingerspell chaos
        fingerspell chaos --schedules 50 --output chaos
        fingerspell chaos --schedules 1 --seed 17 -- --no-dropout --learning-rate 0.002

      EXIT CODES
        0  every schedule ended with the undisturbed run's bits
        70 one did not, or no fault struck
      """)

  @OptionGroup(title: "The run") var training: ChaosTrainingOptions
  @OptionGroup(title: "Faults") var faults: ChaosFaultOptions
  @OptionGroup(title: "Output") var output: ChaosOutputOptions

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("After --, more options for fingerspell train.", valueName: "train options"))
  var trainOptions: [String] = []

  func validate() throws {
    guard Launch.environment == nil else {
      throw ValidationError(
        "chaos starts its ranks itself: leave out mpirun, and choose their number with --max-workers.")
    }
  }

  func run() throws {
    HeldSignals.hold()
    do {
      guard try letLoose() else { Glibc.exit(FailureKind.software.rawValue) }
    } catch let interruption as Interruption {
      interruption.endProcess()
    }
  }

  /// Whether everything went as it should.
  private func letLoose() throws -> Bool {
    let folder = try output.make()
    do {
      defer { folder.removeIfEmpty() }
      return try letLoose(in: folder)
    } catch {
      // What an unfinished schedule has left among the temporary files is of no use to anybody.
      if output.folder == nil { folder.remove() }
      throw error
    }
  }

  private func letLoose(in folder: ChaosFolder) throws -> Bool {
    let console = Console()
    let driver = try driver(in: folder.path)
    let limits = ChaosLimits(
      maxWorkers: faults.maxWorkers, ranks: !faults.threadsOnly,
      faults: ChaosDriver.possibleFaults(folder: folder.path), checkpoints: training.checkpoints)
    let undisturbed = try driver.undisturbed()
    try console.line("\(training.title); undisturbed, its model has the SHA-256 \(undisturbed.modelSHA256.prefix(16)).")
    if !output.keep { folder.remove("undisturbed") }

    var summary = ChaosSummary()
    for seed in faults.seeds {
      let schedule = ChaosSchedule(seed: seed, limits: limits)
      let result = try driver.perform(schedule, undisturbed: undisturbed)
      summary.results.append(result)
      try console.line(result.text)
      if result.failure != nil {
        try console.line("  once more: \(repetition(seed))\n  its files: \(driver.folder(of: schedule))")
      } else if !output.keep {
        folder.remove("seed-\(seed)")
      }
    }
    try console.line("\n" + summary.text)
    return summary.holds
  }

  private func driver(in folder: String) throws -> ChaosDriver {
    let launcher = faults.threadsOnly ? nil : try MPILauncher.ofThisProgram(named: faults.mpirun)
    guard launcher != nil || faults.threadsOnly else {
      throw Failure(
        .software,
        "there is no \(faults.mpirun ?? "mpirun"): install openmpi-bin, name one with --mpirun, or leave ranks out with "
          + "--threads-only")
    }
    return ChaosDriver(
      ChaosTraining(
        program: try ownPath(), launcher: launcher, options: training.arguments + trainOptions,
        stallTimeout: faults.stallTimeout, timeLimit: faults.timeLimit),
      folder: folder)
  }

  /// The command that carries out one schedule again.
  private func repetition(_ seed: UInt64) -> String {
    let words =
      ["fingerspell", "chaos", "--schedules", "1", "--seed", "\(seed)"] + training.arguments + faults.arguments
      + (trainOptions.isEmpty ? [] : ["--"] + trainOptions)
    return words.map(\.shellWord).joined(separator: " ")
  }
}

/// The run that faults are let loose on.
struct ChaosTrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the data set. (default: data/, else the built-in set)", valueName: "dir"))
  var data: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Epochs.", valueName: "n"))
  var epochs = 3

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps of an epoch.", valueName: "n"))
  var stepsPerEpoch = 24

  @Option(parsing: .unconditional, help: ArgumentHelp("Samples of a step.", valueName: "n"))
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

  /// How many checkpoints it makes: one every so many steps, and one at each epoch's end.
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
    help: ArgumentHelp("Schedules of faults, each of two to four jobs with one.", valueName: "n"))
  var schedules = 6

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of the first schedule, from 0; the next ones count it up.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(parsing: .unconditional, help: ArgumentHelp("The most threads or ranks of a job.", valueName: "n"))
  var maxWorkers = 4

  @Flag(help: "Leave out the ranks, and the faults that only they can have.")
  var threadsOnly = false

  @Option(
    help: ArgumentHelp(
      "The program that starts ranks. (default: the mpirun of this program's MPI library)", valueName: "program"))
  var mpirun: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seconds after which a job whose rank is stopped must end itself.", valueName: "seconds"))
  var stallTimeout = 4

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seconds after which a job is taken to hang.", valueName: "seconds")
  )
  var timeLimit = 60

  func validate() throws {
    try Bounds.check("--schedules", schedules, Bounds.repetitions)
    try Bounds.check("--max-workers", maxWorkers, Bounds.workers)
    // A worker is held up for a second, which must be no stall.
    try Bounds.check("--stall-timeout", stallTimeout, 3...86_400)
    try Bounds.check("--time-limit", timeLimit, 1...86_400)
    guard seed <= UInt64.max - UInt64(schedules) else {
      throw ValidationError("--seed is \(seed); there are no \(schedules) numbers behind it.")
    }
    guard timeLimit > stallTimeout else {
      throw ValidationError("--time-limit is \(timeLimit); it must be above --stall-timeout, \(stallTimeout).")
    }
    if threadsOnly, mpirun != nil {
      throw ValidationError("--threads-only starts no ranks; leave out --mpirun, or --threads-only.")
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
      "The folder to work in; a failed schedule's files stay there. (default: one among the temporary files)",
      valueName: "dir"))
  var folder: String?

  @Flag(help: "Keep the files of all schedules, not only of those that fail.")
  var keep = false

  /// Makes the folder.
  fileprivate func make() throws -> ChaosFolder {
    if let folder {
      try Folders.make(folder)
      guard try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty else {
        throw Failure(.io, "the folder \(folder) is not empty; name another one with --output")
      }
      return ChaosFolder(path: folder)
    }
    let temporary = FileManager.default.temporaryDirectory.path
    var template = Array("\(temporary)/fingerspell-chaos-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError("make a folder in", temporary) }
    return ChaosFolder(path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
}

/// The folder of all schedules.
private struct ChaosFolder {
  let path: String

  /// Removes what is in it under that name.
  func remove(_ name: String) { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  /// Removes it with all that is in it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// Removes it if nothing in it is worth keeping.
  func removeIfEmpty() { rmdir(path) }
}

extension String {
  /// The word as a shell reads it back.
  fileprivate var shellWord: String {
    let isPlain = !isEmpty && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./,=:+@%".contains($0)) }
    return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
