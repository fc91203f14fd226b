import Kernels
import Reproducibility

/// What a schedule of faults may be made of.
public struct ChaosLimits: Equatable, Sendable {
  /// The most workers of a job.
  public var maxWorkers: Int
  /// Whether jobs may be ranks.
  public var ranks: Bool
  /// The kinds of faults that this machine allows.
  public var faults: [Fault.Kind]
  /// How many checkpoints a run without faults makes.
  public var checkpoints: Int

  /// Limits.
  public init(maxWorkers: Int, ranks: Bool, faults: [Fault.Kind], checkpoints: Int) {
    self.maxWorkers = maxWorkers
    self.ranks = ranks
    self.faults = faults
    self.checkpoints = checkpoints
  }
}

/// The faults that one run meets, job by job, and the workers that it has in each: a pure function of the seed and the limits.
public struct ChaosSchedule: Equatable, Sendable {
  /// A job that a fault ends, mostly, and what happens to the run's files then.
  public struct Phase: Equatable, Sendable {
    /// The workers.
    public var layout: WorkerLayout
    /// What is done to them.
    public var fault: Fault
    /// When the fault is injected.
    public var trigger: Trigger
    /// What happens to the checkpoints afterwards; nil for nothing.
    public var damage: Damage?

    /// A job.
    public init(_ layout: WorkerLayout, _ fault: Fault, _ trigger: Trigger, _ damage: Damage? = nil) {
      self.layout = layout
      self.fault = fault
      self.trigger = trigger
      self.damage = damage
    }
  }

  /// The seed of all that is drawn.
  public var seed: UInt64
  /// The jobs with a fault.
  public var phases: [Phase]
  /// The workers of the job that finishes the run.
  public var last: WorkerLayout

  /// A schedule by hand.
  public init(seed: UInt64, phases: [Phase], last: WorkerLayout) {
    self.seed = seed
    self.phases = phases
    self.last = last
  }

  /// Draws a schedule. The first fault cycles through all kinds as the seed increases; all else is drawn.
  public init(seed: UInt64, limits: ChaosLimits) {
    var draws = ChaosDraws(seed: seed)
    let kinds = limits.faults.filter { limits.ranks || $0.applies(to: .thread) }
      .filter { $0.leastWorkers <= limits.maxWorkers }
    self.seed = seed
    let count = kinds.isEmpty ? 0 : 2 + draws.number(below: 3)
    phases = (0..<count).map { index in
      let drawn = draws.number(below: kinds.count)
      let kind = index == 0 ? kinds[Int(seed % UInt64(kinds.count))] : kinds[drawn]
      let layout = draws.layout(limits) { kind.applies(to: $0.kind) && $0.workers >= kind.leastWorkers }
      let fault = Fault(kind, rank: draws.number(below: layout.workers), share: 100 + draws.number(below: 900))
      return Phase(layout, fault, draws.trigger(for: kind, phases: count, limits), draws.damage())
    }
    last = draws.layout(limits) { _ in true }
  }
}

/// The draws of a schedule.
struct ChaosDraws {
  private var stream: RandomStream

  init(seed: UInt64) {
    stream = RandomStream(seed: seed, purpose: .faults)
  }

  mutating func number(below bound: Int) -> Int {
    stream.nextInteger(below: bound)
  }

  mutating func layout(_ limits: ChaosLimits, where fits: (WorkerLayout) -> Bool) -> WorkerLayout {
    let all = WorkerLayout.all(workers: Array(1...limits.maxWorkers), ranks: limits.ranks).filter(fits)
    return all[number(below: all.count)]
  }

  /// Mostly early enough that all jobs have their turn, but anywhere now and then: also at the start, and after the end.
  mutating func trigger(for kind: Fault.Kind, phases: Int, _ limits: ChaosLimits) -> Trigger {
    let share = max(1, limits.checkpoints / (phases + 1))
    let checkpoints = 1 + number(below: number(below: 8) == 0 ? limits.checkpoints : share)
    let (choice, milliseconds, microseconds) = (number(below: 8), number(below: 60), number(below: 4000))
    switch (choice, kind) {
    // Before it has its handlers, a process dies of a signal by which it would later write a checkpoint.
    case (0, .killRank), (0, .killLauncher), (0, .killProcess):
      return .started(milliseconds: 20 * milliseconds)
    // A disk that is full has to be so before the write begins.
    case (1...4, let kind) where ![.fillDisk, .fileSizeLimit, .killInWrite].contains(kind):
      return .writing(after: checkpoints, microseconds: microseconds)
    default:
      return .checkpoint(checkpoints, milliseconds: milliseconds)
    }
  }

  /// Every other time one.
  mutating func damage() -> Damage? {
    let (isDamaged, kind) = (number(below: 2) == 0, Damage.Kind.allCases[number(below: Damage.Kind.allCases.count)])
    let (isTwo, amount, seed) = (number(below: 4) == 0, number(below: 1000), UInt64(number(below: 1 << 32)))
    guard isDamaged else { return nil }
    return Damage(kind, checkpoints: isTwo ? 2 : 1, amount: kind == .flip ? 1 + amount % 16 : amount, seed: seed)
  }
}

extension RandomPurpose {
  /// A schedule of faults.
  package static var faults: RandomPurpose { RandomPurpose(number: 7) }
}
