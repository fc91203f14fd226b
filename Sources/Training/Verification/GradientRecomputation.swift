import Communication
import Kernels
import Platform

/// Computes micro-batches of drawn steps a second time, elsewhere, and compares the gradients bit for bit before they are used.
final class GradientRecomputation {
  /// A computation of a micro-batch: who made it on which core, and the digest of its gradient.
  fileprivate struct Computation {
    let rank: Int
    let core: Int
    let digest: UInt64
  }

  fileprivate let communicator: any Communicator
  fileprivate let step: TrainingStep
  private let plan: RecomputationPlan
  fileprivate let verification: Verification
  fileprivate let workerIndex: Int

  init(
    _ communicator: any Communicator, step: TrainingStep, plan: RecomputationPlan, verification: Verification
  ) {
    self.communicator = communicator
    self.step = step
    self.plan = plan
    self.verification = verification
    workerIndex = communicator.workerIndex
  }

  /// The observer of a step whose micro-batches are to be computed twice; nil, without an allocation, if it is not drawn.
  ///
  /// - Parameter best: rank 0's best parameters, for a look at everything where two gradients differ.
  func observer(of sampler: any Sampler, at position: TrainingPosition, best: [Float]?) -> RecomputedStep? {
    let batch = sampler.plan(step: position.dataEpochStep)
    let rounds = plan.rounds(batch.reduction, dataEpoch: position.dataEpoch, step: position.dataEpochStep)
    guard rounds > 0 else { return nil }
    let checks = plan.checks(
      batch.reduction, rounds: rounds, dataEpoch: position.dataEpoch, step: position.dataEpochStep)
    return RecomputedStep(self, sampler: sampler, position: position, checks: checks, best: best)
  }

  /// Ends the run with the name of whoever computed a micro-batch wrongly: every worker computes it again, and the majority of
  /// all computations is right. Collective.
  fileprivate func settle(
    _ check: RecomputationPlan.Check, _ first: [Computation], _ sampler: any Sampler, _ position: TrainingPosition
  ) throws -> Never {
    let takesPart = sampler.sharesRows || workerIndex == check.owner
    let rows = { sampler.rows(microBatch: check.microBatch, step: position.dataEpochStep) }
    let digest = takesPart ? step.recompute(rows(), dataEpoch: position.dataEpoch, fresh: true) : 0
    let again = try communicator.allGather([takesPart ? 1 : 0, digest, UInt64(max(0, currentCore))])
    let computations =
      first
      + again.enumerated().filter { $0.element[0] == 1 }.map {
        Computation(rank: $0.offset, core: Int($0.element[2]), digest: $0.element[1])
      }
    let vote = Vote(computations.map(\.digest))
    var names: [String] = []
    for name in vote.losers.map({ name(computations[$0]) }) where !names.contains(name) { names.append(name) }
    let verdict =
      vote.winner == nil
      ? "no majority of \(computations.count) computations says who is right; the suspects are \(names.joined(separator: "; "))"
      : "\(computations.count - vote.losers.count) of \(computations.count) computations agree, and those that do not are of "
        + names.joined(separator: "; ")
    throw verification.failure(
      """
      the gradient of micro-batch \(check.microBatch) of step \(position.stepsTaken + 1), computed by \(name(first[0])) and \
      again by \(name(first[1])), is not the same: \(verdict)
      """, suspects: vote.losers.map { computations[$0].rank })
  }

  private func name(_ computation: Computation) -> String {
    verification.name(rank: computation.rank, core: computation.core)
  }
}

/// A step in which micro-batches are computed twice.
struct RecomputedStep: StepObserver {
  private let recomputation: GradientRecomputation
  private let sampler: any Sampler
  private let position: TrainingPosition
  private let checks: [RecomputationPlan.Check]
  private let best: [Float]?
  /// Of each check: the owner's digest and core, the checker's digest and core.
  private var found: [UInt64]

  fileprivate init(
    _ recomputation: GradientRecomputation, sampler: any Sampler, position: TrainingPosition,
    checks: [RecomputationPlan.Check], best: [Float]?
  ) {
    self.recomputation = recomputation
    self.sampler = sampler
    self.position = position
    self.checks = checks
    self.best = best
    found = [UInt64](repeating: 0, count: 4 * checks.count)
  }

  mutating func gradientComputed(_ microBatch: Int, _ gradient: UnsafePointer<Float>) {
    for (index, check) in checks.enumerated()
    where check.owner == recomputation.workerIndex && check.microBatch == microBatch {
      found[4 * index] = recomputation.step.digest(gradient)
      found[4 * index + 1] = UInt64(max(0, currentCore))
    }
  }

  mutating func gradientsComputed() throws {
    for (index, check) in checks.enumerated() where check.checker == recomputation.workerIndex {
      let rows = sampler.rows(microBatch: check.microBatch, step: position.dataEpochStep)
      found[4 * index + 2] = recomputation.step.recompute(rows, dataEpoch: position.dataEpoch)
      found[4 * index + 3] = UInt64(max(0, currentCore))
    }
    // Every number has one worker who knows it; with the others it is zero.
    try recomputation.communicator.allReduce(&found, .sum)
    guard let bad = checks.indices.first(where: { found[4 * $0] != found[4 * $0 + 2] }) else { return }
    // Inputs that changed by themselves explain it, and tell whose fault it is.
    let verification = recomputation.verification
    try verification.check(readsTables: true, best: best)
    try verification.agree()
    let check = checks[bad]
    let computations = [(check.owner, 4 * bad), (check.checker, 4 * bad + 2)].map { worker, index in
      GradientRecomputation.Computation(
        rank: verification.rank(of: worker), core: Int(found[index + 1]), digest: found[index])
    }
    try recomputation.settle(check, computations, sampler, position)
  }
}
