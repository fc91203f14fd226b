import Platform
import Reproducibility

/// The short run that faults are injected into, and how it is started.
public struct ChaosTraining: Sendable {
  /// What starts ranks; nil if there is nothing that could.
  public var launcher: MPILauncher?
  /// The words that train in a folder on that many threads or ranks, from the beginning or from the newest checkpoint.
  public var command: @Sendable (_ layout: WorkerLayout, _ output: String, _ resumes: Bool) -> [String]
  /// The seconds without progress after which the job's watchdog ends it.
  public var stallTimeout: Int
  /// The seconds after which a job counts as hanging.
  public var timeLimit: Int

  /// A run.
  public init(
    launcher: MPILauncher?, stallTimeout: Int, timeLimit: Int,
    command: @escaping @Sendable (_ layout: WorkerLayout, _ output: String, _ resumes: Bool) -> [String]
  ) {
    self.launcher = launcher
    self.stallTimeout = stallTimeout
    self.timeLimit = timeLimit
    self.command = command
  }
}
