/// What became of a schedule.
public struct ChaosResult: Equatable, Sendable {
  /// What became of a job with a fault.
  public struct Leg: Equatable, Sendable {
    /// The job.
    public var leg: ChaosSchedule.Leg
    /// The step of the newest checkpoint when the fault struck; nil if the job was over before, or the fault found nobody.
    public var struckAtStep: Int?
    /// Whether a checkpoint was being written then.
    public var struckInWrite = false
    /// The seconds from then to the end of its last process.
    public var secondsToEnd = 0.0
    /// Whether there were checkpoints to damage.
    public var wasDamaged = false

    /// A job that has just begun.
    public init(_ leg: ChaosSchedule.Leg) { self.leg = leg }

    /// The job in words: `3 ranks, kill rank 1 at step 21, truncate the newest to 40 %`.
    public var text: String {
      var text = "\(leg.layout), \(leg.fault.text)"
      text += struckAtStep.map { " at step \($0)" } ?? " (not hit)"
      if let damage = leg.damage { text += ", \(damage.text)" + (wasDamaged ? "" : " (there was none)") }
      return text
    }
  }

  /// The schedule.
  public var schedule: ChaosSchedule
  /// The jobs with a fault, as far as the schedule got.
  public var legs: [Leg] = []
  /// What was wrong; nil if the run ended with the undisturbed run's bits.
  public var failure: String?

  /// The result of a schedule that has just begun.
  public init(_ schedule: ChaosSchedule) { self.schedule = schedule }

  /// The schedule in a line.
  public var text: String {
    let jobs = legs.map(\.text) + (failure == nil ? ["\(schedule.last) to the end"] : [])
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

  /// Whether every schedule ended with the undisturbed run's bits, and faults struck at all.
  public var holds: Bool { !results.isEmpty && failed.isEmpty && struck.values.reduce(0, +) > 0 }

  /// The seeds of the schedules that failed.
  public var failed: [UInt64] { results.filter { $0.failure != nil }.map(\.schedule.seed) }

  private var legs: [ChaosResult.Leg] { results.flatMap(\.legs) }

  private var struck: [Fault.Kind: Int] {
    Dictionary(grouping: legs.filter { $0.struckAtStep != nil }) { $0.leg.fault.kind }.mapValues(\.count)
  }

  private var damaged: [Damage.Kind: Int] {
    Dictionary(grouping: legs.filter(\.wasDamaged).compactMap(\.leg.damage)) { $0.kind }.mapValues(\.count)
  }

  /// The outcome in a few lines.
  public var text: String {
    let hits = struck.values.reduce(0, +)
    let faults = Fault.Kind.allCases.compactMap { kind in struck[kind].map { "\(kind.rawValue) \($0)" } }
    let damages = Damage.Kind.allCases.compactMap { kind in damaged[kind].map { "\(kind.rawValue) \($0)" } }
    var lines = [
      "\(legs.count) faults, \(hits) struck: " + (faults.isEmpty ? "none" : faults.joined(separator: ", ")) + "."
    ]
    let inWrites = legs.count { $0.struckInWrite }
    if inWrites > 0 { lines.append("\(inWrites) of them struck while a checkpoint was being written.") }
    if hits < legs.count { lines.append("\(legs.count - hits) did not strike: the job had ended before.") }
    if !damages.isEmpty { lines.append("Checkpoints: " + damages.joined(separator: ", ") + ".") }
    let stops = legs.filter { $0.leg.fault.kind == .stopRank && $0.struckAtStep != nil }.map(\.secondsToEnd)
    if let longest = stops.max() {
      lines.append("A job with a stopped rank ended after \((longest * 10).rounded() / 10) s at most.")
    }
    if hits == 0 { lines.append("No fault struck: the training is too short for them.") }
    let seeds = failed.map(String.init).joined(separator: ", ")
    lines.append(
      "\(results.count) schedules: \(results.count - failed.count) ended with the bits of the undisturbed run, \(failed.count) "
        + "failed" + (failed.isEmpty ? "." : " (seed \(seeds))."))
    return lines.joined(separator: "\n")
  }
}
