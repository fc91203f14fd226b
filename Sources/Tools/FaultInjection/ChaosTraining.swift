import Glibc
import Platform
import Reproducibility

/// The short training that faults are let loose on, and how it is started.
public struct ChaosTraining: Sendable {
  /// This program's file.
  public var program: String
  /// What starts ranks; nil if there are none.
  public var launcher: MPILauncher?
  /// The words behind `fingerspell train`, but for --output, --workers and --resume.
  public var options: [String]
  /// The seconds without a step after which the job's watchdog ends it.
  public var stallTimeout: Int
  /// The seconds after which a job that still runs is taken to hang.
  public var timeLimit: Int

  /// A training.
  public init(program: String, launcher: MPILauncher?, options: [String], stallTimeout: Int, timeLimit: Int) {
    self.program = program
    self.launcher = launcher
    self.options = options
    self.stallTimeout = stallTimeout
    self.timeLimit = timeLimit
  }

  /// The words that start it.
  func command(_ layout: WorkerLayout, output: String, resume: Bool) -> [String] {
    var words = [program, "train", "--output", output, "--stall-timeout", "\(stallTimeout)"] + options
    if resume { words.append("--resume") }
    switch layout.kind {
    case .thread: return words + ["--workers", "\(layout.workers)"]
    case .rank:
      return launcher?.command(ranks: layout.workers, options: [], isRoot: geteuid() == 0, words) ?? words
    }
  }
}
