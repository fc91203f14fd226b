import ArgumentParser
import FaultInjection
import Glibc
import Platform
import Reproducibility
import Training

/// `fingerspell chaos`.
struct Chaos: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Inject faults, resume, and check that the result equals an uninterrupted run bit for bit.",
    usage: "fingerspell chaos [<options>] [-- <train options> ...]",
    discussion: """
      Fault injection: trains a short run without faults, and then again under schedules of faults. Jobs are killed, stopped \
      or signalled, their disk is full or their writes fail; between jobs, checkpoints are truncated, changed or deleted. \
      Each job resumes the run on another number of threads or ranks. The last job has no fault, and must end with the \
      reference run's model.safetensors and metrics.csv (except for the seconds). A job that hangs, or ends with an exit \
      code that does not fit its fault, is a failure too.

      A schedule depends on its seed and these options alone; timing decides what exactly a fault hits. A failure prints the \
      command that repeats its schedule, and keeps its run folder and the jobs' output. Only the full disk needs root: it is \
      a small disk in memory that has to be mounted.

      Options after -- are passed to fingerspell train, to test other recipes.

      EXAMPLES
        fingerspell chaos
        fingerspell chaos --schedules 50 --output chaos
        fingerspell chaos --schedules 1 --seed 17 -- --learning-rate 0.002

      EXIT CODES
        0  every schedule ended with the reference run's bits
        70 one did not, or no fault was injected
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
      guard try injectFaults() else { Glibc.exit(FailureKind.software.rawValue) }
    } catch let interruption as Interruption {
      interruption.endProcess()
    }
  }

  /// Whether everything went as it should.
  private func injectFaults() throws -> Bool {
    let folder = try output.make()
    do {
      defer { folder.removeIfEmpty() }
      return try injectFaults(in: folder)
    } catch {
      // What an unfinished schedule has left among the temporary files is of no use to anybody.
      if output.folder == nil { folder.remove() }
      throw error
    }
  }

  private func injectFaults(in folder: ChaosFolder) throws -> Bool {
    let console = Console()
    let injector = try injector(in: folder.path)
    let limits = ChaosLimits(
      maxWorkers: faults.maxWorkers, ranks: !faults.threadsOnly,
      faults: FaultInjector.possibleFaults(folder: folder.path), checkpoints: training.checkpoints)
    let reference = try injector.reference()
    try console.line("\(training.title); without faults its model has the SHA-256 \(reference.modelSHA256.prefix(16)).")
    if !output.keep { folder.remove("reference") }

    var summary = ChaosSummary()
    for seed in faults.seeds {
      let schedule = ChaosSchedule(seed: seed, limits: limits)
      let result = try injector.perform(schedule, reference: reference)
      summary.results.append(result)
      try console.line(result.text)
      if result.failure != nil {
        try console.line("  repeat: \(repetition(seed))\n  files: \(injector.folder(of: schedule))")
      } else if !output.keep {
        folder.remove("seed-\(seed)")
      }
    }
    try console.line("\n" + summary.text)
    return summary.holds
  }

  private func injector(in folder: String) throws -> FaultInjector {
    let launcher = faults.threadsOnly ? nil : try MPILauncher.ofThisProgram(named: faults.mpirun)
    guard launcher != nil || faults.threadsOnly else {
      throw Failure(
        .software,
        "cannot find '\(foreign(faults.mpirun ?? "mpirun"))': install openmpi-bin, name one with --mpirun, or leave ranks out with "
          + "--threads-only")
    }
    return FaultInjector(
      ChaosTraining(
        launcher: launcher, stallTimeout: faults.stallTimeout, timeLimit: faults.timeLimit,
        command: try command(launcher)),
      folder: folder)
  }

  /// How a job is started.
  private func command(
    _ launcher: MPILauncher?
  ) throws -> @Sendable (_ layout: WorkerLayout, _ output: String, _ resumes: Bool) -> [String] {
    let train =
      [try ownPath(), "train", "--stall-timeout", "\(faults.stallTimeout)"] + training.arguments + trainOptions
    return { layout, output, resumes in
      let words = train + ["--output", output] + (resumes ? ["--resume"] : [])
      switch layout.kind {
      case .thread: return words + ["--workers", "\(layout.workers)"]
      case .rank:
        return launcher?.command(ranks: layout.workers, options: [], isRoot: geteuid() == 0, words) ?? words
      }
    }
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
