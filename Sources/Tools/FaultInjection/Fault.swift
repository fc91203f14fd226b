import Glibc
import Platform
import Reproducibility

/// What is done to a job while it runs.
public struct Fault: Equatable, Sendable {
  /// The kinds of faults, by the words that name them in a summary.
  public enum Kind: String, CaseIterable, Sendable {
    /// SIGKILL to one rank.
    case killRank = "kill a rank"
    /// SIGKILL to mpirun.
    case killLauncher = "kill mpirun"
    /// SIGKILL to the process whose threads are the workers.
    case killProcess = "kill the process"
    /// SIGSTOP to one rank, for good.
    case stopRank = "stop a rank"
    /// SIGSTOP to one rank, or to the process of the threads, and SIGCONT before the watchdog would fire; and when the job
    /// has shown that it continues, SIGUSR1.
    case pauseWorker = "pause a worker"
    /// SIGTERM to mpirun or to the process of the threads: what a scheduler sends first.
    case terminate = "SIGTERM"
    /// SIGINT to the same: a key typed at the terminal.
    case interrupt = "SIGINT"
    /// SIGUSR1 to the same: what a scheduler sends ahead of its time limit.
    case requestCheckpoint = "SIGUSR1"
    /// A file size limit: the write of the next checkpoint fails half-way.
    case fileSizeLimit = "cut a write"
    /// The same, with the system's own answer to it: the signal that kills the process in the middle of the write.
    case killInWrite = "kill in a write"
    /// The disk is nearly full.
    case fillDisk = "full disk"

    /// The kinds of workers whose job this can be done to.
    func applies(to kind: WorkerLayout.Kind) -> Bool {
      switch self {
      case .killRank, .killLauncher, .stopRank: kind == .rank
      case .killProcess: kind == .thread
      default: true
      }
    }

    /// A lone rank that is stopped has no one who could notice.
    var leastWorkers: Int { self == .stopRank ? 2 : 1 }
  }

  /// What is done.
  public var kind: Kind
  /// The rank that it is done to.
  public var rank: Int
  /// The largest file, or the room that is left on the disk, in thousandths of a checkpoint.
  public var share: Int

  /// A fault; `rank` and `share` matter to some kinds only.
  public init(_ kind: Kind, rank: Int = 0, share: Int = 0) {
    self.kind = kind
    self.rank = rank
    self.share = share
  }

  /// The fault in words, to be followed by where it was injected.
  public var text: String {
    switch kind {
    case .killRank: "kill rank \(rank)"
    case .stopRank: "stop rank \(rank)"
    case .fileSizeLimit, .killInWrite: "\(kind.rawValue) at \(share / 10) %"
    case .fillDisk: "full disk with room for \(share / 10) % of a checkpoint"
    default: kind.rawValue
    }
  }
}

/// When a fault is injected.
public enum Trigger: Equatable, Sendable {
  /// This long after the start of the job.
  case started(milliseconds: Int)
  /// This long after the job has made its n-th checkpoint.
  case checkpoint(Int, milliseconds: Int)
  /// This long after it has begun to write the checkpoint after its n-th.
  case writing(after: Int, microseconds: Int)
}

/// How a job with a fault may end.
public enum ExpectedEnd: Equatable, Sendable, CustomStringConvertible {
  /// With this exit code.
  case code(Int32)
  /// With any but those of success, wrong usage and bad data.
  case anyFailure

  /// Whether the exit code is one of these. Success always is: the fault may have come after the last step.
  public func includes(_ code: Int32) -> Bool {
    switch self {
    case .code(let expected): code == expected || code == 0
    case .anyFailure: ![FailureKind.usage, .data].map(\.exitCode).contains(code)
    }
  }

  /// The codes in words.
  public var description: String {
    switch self {
    case .code(let code): "\(code)"
    case .anyFailure: "that of a failure"
    }
  }
}

extension Fault {
  /// How a job of these workers ends.
  ///
  /// Of a rank's violent end the launcher makes an exit code of its own. It gives the ranks one second after SIGTERM and
  /// SIGINT, so both ends are right, with and without a last checkpoint.
  public func expectedEnd(of workers: WorkerLayout.Kind, launcher: MPIImplementation?) -> ExpectedEnd {
    switch (kind, workers) {
    case (.killRank, _), (.killInWrite, _): .anyFailure
    case (.killLauncher, _), (.killProcess, _): .code(128 + SIGKILL)
    case (.stopRank, _): .code(FailureKind.unavailable.exitCode)
    case (.terminate, .rank), (.interrupt, .rank): .anyFailure
    case (.requestCheckpoint, .rank), (.pauseWorker, .rank):
      launcher == .openMPI ? .code(FailureKind.interrupted.exitCode) : .anyFailure
    case (.terminate, .thread), (.interrupt, .thread), (.requestCheckpoint, .thread), (.pauseWorker, .thread):
      .code(FailureKind.interrupted.exitCode)
    case (.fileSizeLimit, _), (.fillDisk, _): .code(FailureKind.io.exitCode)
    }
  }
}
