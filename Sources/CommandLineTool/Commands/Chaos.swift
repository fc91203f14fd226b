import ArgumentParser
import FaultInjection
import Glibc
import Platform
import Reproducibility
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
      faults: FaultInjector.possibleFaults(folder: folder.path), checkpoints: training.checkpoints)
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

  private func driver(in folder: String) throws -> FaultInjector {
    let launcher = faults.threadsOnly ? nil : try MPILauncher.ofThisProgram(named: faults.mpirun)
    guard launcher != nil || faults.threadsOnly else {
      throw Failure(
        .software,
        "there is no \(faults.mpirun ?? "mpirun"): install openmpi-bin, name one with --mpirun, or leave ranks out with "
          + "--threads-only")
    }
    return FaultInjector(
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

extension String {
  /// The word as a shell reads it back.
  fileprivate var shellWord: String {
    let isPlain = !isEmpty && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./,=:+@%".contains($0)) }
    return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
