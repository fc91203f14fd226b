import Communication
import Kernels

/// Computes chunks of drawn steps a second time, elsewhere, and compares the gradients bit for bit before they are used.
final class ChunkAudit {
  /// A computation of a chunk: who made it on which core, and the digest of its gradient.
  private struct Run {
    let rank: Int
    let core: Int
    let digest: UInt64
  }

  private let communicator: any Communicator
  private let step: TrainingStep
  private let plan: AuditPlan
  private let verification: Verification
  private let position: Int

  init(
    _ communicator: any Communicator, step: TrainingStep, plan: AuditPlan, verification: Verification
  ) {
    self.communicator = communicator
    self.step = step
    self.plan = plan
    self.verification = verification
    position = communicator.topology.positionOfRank[communicator.rank]
  }

  /// Lets the step that follows compute some of its chunks twice, if it is drawn. Allocates nothing if it is not.
  ///
  /// - Parameter best: rank 0's best parameters, for a look at everything where two gradients differ.
  func prepare(_ sampler: any Sampler, at place: TrainingPosition, best: [Float]?) {
    step.chunkEnded = nil
    step.chunksEnded = nil
    let layout = sampler.layout(step: place.passStep)
    let rounds = plan.rounds(layout.plan, pass: place.pass, step: place.passStep)
    guard rounds > 0 else { return }
    let checks = plan.checks(layout.plan, rounds: rounds, pass: place.pass, step: place.passStep)
    // Of each check: the owner's digest and core, the checker's digest and core.
    var found = [UInt64](repeating: 0, count: 4 * checks.count)
    step.chunkEnded = { [position] chunk, gradient in
      for (index, check) in checks.enumerated() where check.owner == position && check.chunk == chunk {
        found[4 * index] = TrainingStep.digest(gradient)
        found[4 * index + 1] = UInt64(max(0, currentCore))
      }
    }
    step.chunksEnded = { [self] in
      for (index, check) in checks.enumerated() where check.checker == position {
        found[4 * index + 2] = step.recompute(
          sampler.rows(chunk: check.chunk, step: place.passStep), pass: place.pass)
        found[4 * index + 3] = UInt64(max(0, currentCore))
      }
      // Every number has one worker who knows it; with the others it is zero.
      try communicator.allReduce(&found, .sum)
      guard let bad = checks.indices.first(where: { found[4 * $0] != found[4 * $0 + 2] }) else { return }
      // Inputs that changed by themselves explain it, and tell whose fault it is.
      try verification.check(readsTables: true, best: best)
      try verification.agree()
      let check = checks[bad]
      let runs = [(check.owner, 4 * bad), (check.checker, 4 * bad + 2)].map { worker, place in
        Run(rank: verification.rank(at: worker), core: Int(found[place + 1]), digest: found[place])
      }
      try settle(check, runs, sampler, place)
    }
  }

  /// Ends the run with the name of whoever computed a chunk wrongly: every worker computes it anew, and the majority of all
  /// computations is right. Collective.
  private func settle(
    _ check: AuditPlan.Check, _ first: [Run], _ sampler: any Sampler, _ place: TrainingPosition
  ) throws {
    let takesPart = sampler.sharesRows || position == check.owner
    let digest =
      takesPart
      ? step.recompute(sampler.rows(chunk: check.chunk, step: place.passStep), pass: place.pass, fresh: true) : 0
    let again = try communicator.allGather([takesPart ? 1 : 0, digest, UInt64(max(0, currentCore))])
    let runs =
      first
      + again.enumerated().filter { $0.element[0] == 1 }.map {
        Run(rank: $0.offset, core: Int($0.element[2]), digest: $0.element[1])
      }
    let vote = Vote(runs.map(\.digest))
    var names: [String] = []
    for name in vote.losers.map({ name(runs[$0]) }) where !names.contains(name) { names.append(name) }
    let verdict =
      vote.winner == nil
      ? "no majority of \(runs.count) computations says who is right; the suspects are \(names.joined(separator: "; "))"
      : "\(runs.count - vote.losers.count) of \(runs.count) computations agree, and those that do not are of "
        + names.joined(separator: "; ")
    let (owner, checker) = (first[0], first[1])
    throw verification.failure(
      """
      the gradient of chunk \(check.chunk) of step \(place.stepsTaken + 1), computed by \(name(owner)) and again by \
      \(name(checker)), is not the same: \(verdict)
      """, suspects: vote.losers.map { runs[$0].rank })
  }
  private func name(_ run: Run) -> String { verification.name(rank: run.rank, core: run.core) }
}
