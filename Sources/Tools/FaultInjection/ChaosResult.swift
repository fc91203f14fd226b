import Platform

/// What became of a schedule.
public struct ChaosResult: Equatable, Sendable {
  /// What became of a job with a fault.
  public struct Phase: Equatable, Sendable {
    /// The job.
    public var phase: ChaosSchedule.Phase
    /// The step of the newest checkpoint when the fault was injected; nil if the job had ended before, or had no process that it applies to.
    public var injectedAtStep: Int?
    /// Whether a checkpoint was being written then.
    public var injectedInWrite = false
    /// The seconds from then to the end of its last process.
    public var secondsToEnd = 0.0
    /// Whether there were checkpoints to damage.
    public var wasDamaged = false

    /// A job that has just begun.
    public init(_ phase: ChaosSchedule.Phase) { self.phase = phase }

    /// The job in words: `3 ranks, kill rank 1 at step 21, truncate the newest to 40 %`.
    public var text: String {
      var text = "\(phase.layout), \(phase.fault.text)"
      text += injectedAtStep.map { " at step \($0)" } ?? " (not injected)"
      if let damage = phase.damage { text += ", \(damage.text)" + (wasDamaged ? "" : " (there was none)") }
      return text
    }
  }

  /// The schedule.
  public var schedule: ChaosSchedule
  /// The jobs with a fault, as far as the schedule got.
  public var phases: [Phase] = []
  /// What was wrong; nil if the run ended with the reference run's bits.
  public var failure: String?

  /// The result of a schedule that has just begun.
  public init(_ schedule: ChaosSchedule) { self.schedule = schedule }

  /// The schedule in a line.
  public var text: String {
    let jobs = phases.map(\.text) + (failure == nil ? ["\(schedule.last) to the end"] : [])
    return "seed \(schedule.seed): " + jobs.joined(separator: "; ") + ": "
      + (failure.map { "FAILED: \($0)" } ?? "equal")
  }
}

/// What became of all schedules.
public struct ChaosSummary: Equatable, Sendable {
  /// The results so far.
  public var results: [ChaosResult] = []

  /// A summary of nothing.
  public init() {}

  /// Whether every schedule ended with the reference run's bits, and faults were injected at all.
  public var holds: Bool { !results.isEmpty && failed.isEmpty && injected.values.reduce(0, +) > 0 }

  /// The seeds of the schedules that failed.
  public var failed: [UInt64] { results.filter { $0.failure != nil }.map(\.schedule.seed) }

  private var phases: [ChaosResult.Phase] { results.flatMap(\.phases) }

  private var injected: [Fault.Kind: Int] {
    Dictionary(grouping: phases.filter { $0.injectedAtStep != nil }) { $0.phase.fault.kind }.mapValues(\.count)
  }

  private var damaged: [Damage.Kind: Int] {
    Dictionary(grouping: phases.filter(\.wasDamaged).compactMap(\.phase.damage)) { $0.kind }.mapValues(\.count)
  }

  /// The outcome in a few lines.
  public var text: String {
    let hits = injected.values.reduce(0, +)
    let faults = Fault.Kind.allCases.compactMap { kind in injected[kind].map { "\(kind.rawValue): \($0)" } }
    let damages = Damage.Kind.allCases.compactMap { kind in damaged[kind].map { "\(kind.rawValue): \($0)" } }
    var lines = [
      "\(counted(phases.count, "fault")), \(hits) injected: "
        + (faults.isEmpty ? "none" : faults.joined(separator: ", "))
        + "."
    ]
    let inWrites = phases.count { $0.injectedInWrite }
    if inWrites > 0 {
      lines.append("\(inWrites) of them \(were(inWrites)) injected while a checkpoint was being written.")
    }
    let missed = phases.count - hits
    if missed > 0 { lines.append("\(missed) \(were(missed)) not injected: the job had ended before.") }
    if !damages.isEmpty { lines.append("Damage to checkpoints: " + damages.joined(separator: ", ") + ".") }
    let stops = phases.filter { $0.phase.fault.kind == .stopRank && $0.injectedAtStep != nil }.map(\.secondsToEnd)
    if let longest = stops.max() {
      lines.append("A job with a stopped rank ended after \((longest * 10).rounded() / 10) s at most.")
    }
    if hits == 0 { lines.append("No fault was injected: the run is too short for them.") }
    let seeds = failed.map(String.init).joined(separator: ", ")
    lines.append(
      "\(counted(results.count, "schedule")): \(results.count - failed.count) ended with the bits of the run without faults, \(failed.count) "
        + "failed" + (failed.isEmpty ? "." : " (\(failed.count == 1 ? "seed" : "seeds") \(seeds))."))
    return lines.joined(separator: "\n")
  }
}

private func were(_ number: Int) -> String { number == 1 ? "was" : "were" }
