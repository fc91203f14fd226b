import Glibc
import Platform

/// One job of a schedule, from its start to the end of its last process. What is left of it goes with this value.
struct ChaosJob: ~Copyable {
  private let processes = JobProcesses()
  private var process: RunningProcess
  private var watch: CheckpointWatch
  private let timeLimit: Duration

  /// Starts a job.
  ///
  /// - Parameters:
  ///   - words: its command.
  ///   - folder: its run folder.
  ///   - variables: what its environment has besides this process's.
  ///   - survivesFileSizeLimit: whether a write beyond the limit fails; else the system kills the writer.
  init(
    _ words: [String], folder: String, log: String, variables: [String: String], survivesFileSizeLimit: Bool,
    timeLimit: Duration
  ) throws {
    watch = CheckpointWatch(folder: folder + "/checkpoints")
    self.timeLimit = timeLimit
    // What a process ignores, its children ignore.
    let earlier = signal(SIGXFSZ, survivesFileSizeLimit ? SIG_IGN : SIG_DFL)
    defer { signal(SIGXFSZ, earlier) }
    process = try RunningProcess(words, variables: variables.merging(processes.variables) { $1 }, log: log)
  }

  deinit { processes.kill() }

  /// The step of the newest checkpoint that the job has made, or else of the one before it.
  var step: Int { watch.step }
  /// Whether a checkpoint is being written.
  var isWriting: Bool { watch.isWriting }
  /// How many checkpoints it has made.
  var checkpoints: Int { watch.made }
  /// How it ended, as a shell says it; nil while it runs.
  var exitCode: Int32? { process.exitCode }

  /// Waits for a trigger: `.met`, or why it did not come.
  mutating func wait(for trigger: Trigger) throws -> RunningProcess.Waiting {
    defer { watch.look() }
    switch trigger {
    case .started(let milliseconds):
      return try sleep(.milliseconds(milliseconds))
    case .checkpoint(let count, let milliseconds):
      let waiting = try waitUntil { $0.made >= count }
      return waiting == .met ? try sleep(.milliseconds(milliseconds)) : waiting
    case .writing(let count, let microseconds):
      let waiting = try waitUntil { $0.made >= count && $0.isWriting }
      return waiting == .met ? try sleep(.microseconds(microseconds)) : waiting
    }
  }

  /// Does it to the job; false if there was nobody left, or not yet, to do it to.
  mutating func inject(_ fault: Fault, disk: SmallDisk?) throws -> Bool {
    let ranks = processes.ranks()
    let worker = ranks[fault.rank] ?? (ranks.isEmpty ? process.id : nil)
    switch fault.kind {
    case .killRank: return send(SIGKILL, to: ranks[fault.rank])
    case .stopRank: return send(SIGSTOP, to: ranks[fault.rank])
    case .killLauncher, .killProcess: return send(SIGKILL, to: process.id)
    case .terminate: return send(SIGTERM, to: process.id)
    case .interrupt: return send(SIGINT, to: process.id)
    case .requestCheckpoint: return send(SIGUSR1, to: process.id)
    case .pauseWorker: return try holdUp(worker)
    case .fileSizeLimit, .killInWrite: return try limitFiles(of: ranks[0] ?? process.id, to: bytes(fault))
    case .fillDisk:
      disk?.fill(leaving: bytes(fault))
      return disk != nil
    }
  }

  /// Waits for the end of the job, and of every process that it has started.
  ///
  /// - Parameter fullDisk: a disk that is kept full until then, and the fault that says how full.
  mutating func end(within limit: Duration, fullDisk: (SmallDisk, Fault)? = nil) throws -> RunningProcess.Waiting {
    // What is removed to make room, is room.
    let room = fullDisk.map { bytes($0.1) } ?? 0
    let waiting = try process.wait(limit: limit) {
      fullDisk?.0.fill(leaving: room)
      return false
    }
    guard waiting == .ended else { return waiting }
    let last = ContinuousClock.now + limit
    while !processes.members().isEmpty {
      try HeldSignals.check()
      guard ContinuousClock.now < last else { return .timedOut }
      pause(.milliseconds(5))
    }
    watch.look()
    return .ended
  }

  /// The processes that are still there, in words.
  func remaining() -> String {
    let ranks = processes.ranks().keys.sorted().map(String.init)
    return ranks.isEmpty ? "its first process" : "rank \(ranks.joined(separator: ", "))"
  }

  /// Damages the newest checkpoints of the run, and gives the names of those that were there to be damaged.
  func damage(_ damage: Damage) throws -> [String] {
    let paths = Array(watch.newest.prefix(damage.checkpoints))
    for path in paths {
      let bytes = damage.applied(to: try FileBytes.read(path))
      let slash = path.index(after: path.lastIndex(of: "/") ?? path.startIndex)
      let target = damage.kind == .temporary ? "\(path[..<slash]).\(path[slash...]).chaos.tmp" : path
      guard let bytes else {
        unlink(path)
        continue
      }
      try AtomicFile.write(bytes, to: target)
    }
    return paths.map { String($0.dropFirst(watch.folder.count + 1)) }
  }

  private func bytes(_ fault: Fault) -> Int { checkpointBytes * fault.share / 1000 }

  private var checkpointBytes: Int {
    var status = stat()
    guard let newest = watch.newest.first, stat(newest, &status) == 0 else { return 0 }
    return Int(status.st_size)
  }

  private func send(_ signal: Int32, to process: pid_t?) -> Bool {
    guard let process else { return false }
    return kill(process, signal) == 0
  }

  /// Stops a worker for a second, waits for the next checkpoint, and asks for the end.
  private mutating func holdUp(_ worker: pid_t?) throws -> Bool {
    guard send(SIGSTOP, to: worker) else { return false }
    defer { _ = send(SIGCONT, to: worker) }
    guard try sleep(.seconds(1)) == .met, send(SIGCONT, to: worker) else { return true }
    let before = watch.made
    if try waitUntil({ $0.made > before }) == .met { process.send(SIGUSR1) }
    return true
  }

  private func limitFiles(of process: pid_t, to bytes: Int) throws -> Bool {
    try runChild(["prlimit", "--pid", "\(process)", "--fsize=\(bytes)"]).exitCode == 0
  }

  private mutating func waitUntil(_ condition: (CheckpointWatch) -> Bool) throws -> RunningProcess.Waiting {
    var watch = watch
    defer { self.watch = watch }
    return try process.wait(limit: timeLimit, interval: .microseconds(200)) {
      watch.look()
      return condition(watch)
    }
  }

  /// Waits so long; `.met` if the job still runs then.
  private mutating func sleep(_ time: Duration) throws -> RunningProcess.Waiting {
    try process.wait(limit: time, interval: .microseconds(200)) == .ended ? .ended : .met
  }
}
