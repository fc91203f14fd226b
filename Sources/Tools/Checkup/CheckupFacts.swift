import Platform

/// Everything that the checkup judges.
public struct CheckupFacts: Equatable, Sendable {
  /// How the processes were started.
  public enum Launch: Equatable, Sendable {
    /// This process is on its own, and its workers are threads. The launcher found on the PATH, if any, and the launcher
    /// that it descends from nevertheless, if any.
    case alone(onPath: MPILauncher?, ancestor: String?)
    /// The processes are ranks that found each other. The launcher in words, and the slots that it was given, if it says so.
    case ranks(launcher: String, slots: Int?)
    /// A launcher started several processes of which the library sees none but this one. The launcher in words.
    case launcherMismatch(launcher: String, count: Int?)
  }

  /// How the processes were started.
  public var launch: Launch
  /// Each process's facts, by rank.
  public var processes: [WorkerFacts]
  /// The ranks that share memory, node by node.
  public var nodes: [[Int]]
  /// The threads of a process on its own.
  public var threads: Int
  /// The bytes of shared memory that training takes on each node.
  public var sharedMemoryNeeded: [Int]
  /// What is wrong with the data; nil if they could be read.
  public var dataError: String?
  /// The data in words.
  public var dataName: String

  /// The facts of a process on its own, to be added to.
  public init(launch: Launch, processes: [WorkerFacts]) {
    self.launch = launch
    self.processes = processes
    nodes = [Array(processes.indices)]
    threads = 1
    sharedMemoryNeeded = []
    dataName = ""
  }
}
