import Glibc
import Platform
import Reproducibility

/// Carries out schedules of faults, and compares what the run leaves with the reference run, which had no faults.
public struct FaultInjector: Sendable {
  private let training: ChaosTraining
  private let folder: String

  /// An injector that works in this folder, which must exist.
  public init(_ training: ChaosTraining, folder: String) {
    self.training = training
    self.folder = folder
    // A process that is killed in a write leaves no core.
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    if getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 {
      limit.rlim_cur = 0
      setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }
  }

  /// The kinds of faults that this machine allows: a full disk needs a small one, which only root can mount.
  public static func possibleFaults(folder: String) -> [Fault.Kind] {
    let hasDisk = SmallDisk.isPossible(at: folder)
    let hasLimits = (try? runChild(["prlimit", "--version"]))?.exitCode == 0
    return Fault.Kind.allCases.filter { kind in
      switch kind {
      case .fillDisk: hasDisk
      case .fileSizeLimit, .killInWrite: hasLimits
      default: true
      }
    }
  }

  /// The folder of a schedule.
  public func folder(of schedule: ChaosSchedule) -> String { "\(folder)/seed-\(schedule.seed)" }

  /// Trains the reference run: without faults, on one thread.
  public func reference() throws -> FinishedRun {
    let work = Workplace(folder: folder + "/reference", run: folder + "/reference/run", disk: nil)
    try Folders.make(work.folder)
    var job = try start(WorkerLayout(.thread, 1), 1, at: work, nil, survivesFileSizeLimit: false)
    guard try job.end(within: .seconds(training.timeLimit)) == .ended, let code = job.exitCode else {
      throw Failure(
        .software,
        "the run without faults did not end within \(training.timeLimit) s", remedy: .shorterOrLongerLimit)
    }
    guard code == 0 else {
      // What the user's options or data lack, the training has said.
      throw Failure(
        FailureKind(rawValue: code) ?? .software,
        "the run without faults ended with exit code \(code):\n\(text(work.log(1)))")
    }
    return try FinishedRun(folder: work.run)
  }

  /// Carries out a schedule. Its folder holds the logs and the run afterwards.
  public func perform(_ schedule: ChaosSchedule, reference: FinishedRun) throws -> ChaosResult {
    let mountPoint = folder(of: schedule) + "/disk"
    try Folders.make(mountPoint)
    let disk = schedule.phases.contains { $0.fault.kind == .fillDisk } ? try SmallDisk(at: mountPoint) : nil
    let work = Workplace(folder: folder(of: schedule), run: mountPoint + "/run", disk: disk)
    defer {
      // What is in memory only is copied before it goes.
      if disk != nil { _ = try? runChild(["cp", "-a", work.run, work.folder]) }
      disk?.unmount()
    }
    var result = ChaosResult(schedule)
    var badFiles: [String] = []
    for phase in schedule.phases where result.failure == nil {
      badFiles = try perform(phase, &result, at: work, badFiles: badFiles)
    }
    if result.failure == nil { try finish(&result, at: work, badFiles: badFiles) }
    if result.failure == nil { result.failure = try FinishedRun(folder: work.run).difference(from: reference) }
    return result
  }

  /// The folders of a schedule.
  private struct Workplace {
    var folder: String
    var run: String
    var disk: SmallDisk?

    func log(_ job: Int) -> String { "\(folder)/job-\(job).txt" }
  }

  /// Carries out one job with a fault, and damages the checkpoints afterwards.
  ///
  /// - Parameter badFiles: the damaged files that no job has complained of yet.
  /// - Returns: those that none has complained of now.
  private func perform(
    _ phase: ChaosSchedule.Phase, _ result: inout ChaosResult, at work: Workplace, badFiles: [String]
  ) throws -> [String] {
    let number = result.phases.count + 1
    var outcome = ChaosResult.Phase(phase)
    defer { result.phases.append(outcome) }
    let scratch = LauncherScratch(in: work.folder, name: "\(getpid())")
    defer { scratch.remove() }
    var job = try start(
      phase.layout, number, at: work, scratch, survivesFileSizeLimit: phase.fault.kind != .killInWrite)

    let waiting = try job.wait(for: phase.trigger)
    let (step, isWriting) = (job.step, job.isWriting)
    if waiting == .met, try job.inject(phase.fault, disk: work.disk) {
      outcome.injectedAtStep = step
      outcome.injectedInWrite = isWriting
    }
    let injected = ContinuousClock.now
    let fills = phase.fault.kind == .fillDisk && outcome.injectedAtStep != nil
    let end = try job.end(
      within: .seconds(training.timeLimit), fullDisk: fills ? work.disk.map { ($0, phase.fault) } : nil)
    outcome.secondsToEnd = (ContinuousClock.now - injected) / .seconds(1)
    work.disk?.release()
    result.failure = verdict(job, number, outcome, end, log: work.log(number))
    guard result.failure == nil else { return [] }

    let (unnamed, failure) = unnamed(badFiles, by: job, number, log: work.log(number))
    result.failure = failure
    guard let damage = phase.damage else { return unnamed }
    let damaged = try job.damage(damage)
    outcome.wasDamaged = !damaged.isEmpty
    return unnamed.filter { !damaged.contains($0) } + (damage.leavesBadFile ? damaged : [])
  }

  /// Carries out the job that nothing happens to.
  private func finish(_ result: inout ChaosResult, at work: Workplace, badFiles: [String]) throws {
    let (number, layout) = (result.phases.count + 1, result.schedule.last)
    let scratch = LauncherScratch(in: work.folder, name: "\(getpid())")
    defer { scratch.remove() }
    var job = try start(layout, number, at: work, scratch, survivesFileSizeLimit: false)
    let end = try job.end(within: .seconds(training.timeLimit))
    if end != .ended {
      result.failure = hanging(job, number, layout)
    } else if let code = job.exitCode, code != 0 {
      result.failure = wrongEnd(number, layout, code, expected: "0", log: work.log(number))
    } else {
      result.failure = unnamed(badFiles, by: job, number, log: work.log(number)).failure
    }
  }

  private func start(
    _ layout: WorkerLayout, _ number: Int, at work: Workplace, _ scratch: LauncherScratch?, survivesFileSizeLimit: Bool
  ) throws -> ChaosJob {
    try ChaosJob(
      training.command(layout, work.run, number > 1), folder: work.run, log: work.log(number),
      variables: layout.kind == .rank ? scratch?.variables ?? [:] : [:], survivesFileSizeLimit: survivesFileSizeLimit,
      timeLimit: .seconds(training.timeLimit))
  }
}

// What is wrong with a job.
extension FaultInjector {
  /// The seconds beyond the watchdog's that a job may take to end: mpirun kills a stopped rank a second later, and the
  /// machine may be busy.
  private static let graceSeconds = 5.0

  private func verdict(
    _ job: borrowing ChaosJob, _ number: Int, _ outcome: ChaosResult.Phase, _ end: RunningProcess.Waiting, log: String
  ) -> String? {
    let layout = outcome.phase.layout
    guard end == .ended, let code = job.exitCode else { return hanging(job, number, layout) }
    guard outcome.injectedAtStep != nil else {
      return code == 0 ? nil : wrongEnd(number, layout, code, expected: "0 (no fault was injected)", log: log)
    }
    let expected = outcome.phase.fault.expectedEnd(of: layout.kind, launcher: training.launcher?.implementation)
    guard expected.includes(code) else { return wrongEnd(number, layout, code, expected: "\(expected)", log: log) }
    let limit = Double(training.stallTimeout) + Self.graceSeconds
    guard outcome.phase.fault.kind != .stopRank || outcome.secondsToEnd <= limit else {
      return
        "job \(number) (\(layout)) ended \(outcome.secondsToEnd) s after a rank was stopped; \(limit) s are allowed"
    }
    return nil
  }

  private func hanging(_ job: borrowing ChaosJob, _ number: Int, _ layout: WorkerLayout) -> String {
    "job \(number) (\(layout)) hangs: after \(training.timeLimit) s there is still \(job.remaining())"
  }

  private func wrongEnd(
    _ number: Int, _ layout: WorkerLayout, _ code: Int32, expected: String, log: String
  ) -> String {
    let said = tellingLine(of: text(log))
    return "job \(number) (\(layout)) ended with exit code \(code), expected is \(expected): \(said)"
  }

  /// A job that has got beyond the checkpoint that it began with, or to its end, must have named the damaged ones.
  private func unnamed(
    _ badFiles: [String], by job: borrowing ChaosJob, _ number: Int, log: String
  ) -> (files: [String], failure: String?) {
    guard job.checkpoints > 0 || job.exitCode == 0 else { return (badFiles, nil) }
    let text = text(log)
    let missing = badFiles.filter { !text.contains($0) }
    return ([], missing.isEmpty ? nil : "job \(number) does not say that \(missing[0]) is damaged")
  }

  private func text(_ log: String) -> String { String(decoding: (try? FileBytes.read(log)) ?? [], as: UTF8.self) }
}

extension Remedy {
  /// Make the run shorter, or allow it more time.
  static let shorterOrLongerLimit = Remedy("shorter-or-longer-limit")
}
