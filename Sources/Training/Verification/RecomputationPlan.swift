import Communication
import Kernels
import Reduction

/// Which micro-batches of a step are computed twice, and by whom: drawn from (seed, data epoch, step), so that every worker knows it.
///
/// In a step that is drawn, every worker that has micro-batches computes one micro-batch of another such worker again, all in the same
/// moment; on another node where there is one. Where all workers have micro-batches of their own alone (`--shuffle shard`), or there
/// is one worker, it is one of its own.
package struct RecomputationPlan {
  /// A micro-batch that is computed twice.
  package struct Check: Equatable {
    /// Its number in the batch.
    package let microBatch: Int
    /// The workerIndex of the worker whose micro-batch it is.
    package let owner: Int
    /// The workerIndex of the worker that computes it again.
    package let checker: Int
  }

  /// The share of the micro-batches to compute twice.
  private let share: Double
  private let seed: UInt64
  private let sharesRows: Bool
  private let nodes: [Int]

  /// - Parameter sharesRows: whether a worker can compute another one's micro-batches.
  package init(share: Double, seed: UInt64, sharesRows: Bool, topology: Topology) {
    self.share = share
    self.seed = seed
    self.sharesRows = sharesRows
    nodes = topology.order.map { topology.nodeOfRank[$0] }
  }

  /// How many micro-batches of each worker are computed twice in a step: mostly none. Allocates nothing.
  package func rounds(_ plan: ReductionPlan, dataEpoch: Int, step: Int) -> Int {
    guard share > 0 else { return 0 }
    var (active, longest) = (0, 0)
    for run in plan.runs where !run.isEmpty {
      active += 1
      longest = max(longest, run.count)
    }
    if share >= 1 { return longest }
    var stream = RandomStream(seed: seed, purpose: .recomputation, epoch: dataEpoch, row: step)
    let expected = share * Double(plan.microBatches) / Double(active)
    let rounds = Int(expected) + (Double(stream.nextUniform()) < expected - expected.rounded(.down) ? 1 : 0)
    return min(rounds, longest)
  }

  /// The micro-batches of a step with `rounds` rounds.
  package func checks(_ plan: ReductionPlan, rounds: Int, dataEpoch: Int, step: Int) -> [Check] {
    var stream = RandomStream(seed: seed, purpose: .recomputation, epoch: dataEpoch, row: step)
    _ = stream.nextWord()
    let active = plan.runs.indices.filter { !plan.runs[$0].isEmpty }
    let offsets = offsets(active)
    let start = stream.nextInteger(below: plan.runs.map(\.count).max() ?? 1)
    var checks: [Check] = []
    for round in 0..<rounds {
      let offset = offsets[stream.nextInteger(below: offsets.count)]
      for (index, owner) in active.enumerated() where round < plan.runs[owner].count {
        let run = plan.runs[owner]
        let microBatch = run.lowerBound + (start + round) % run.count
        checks.append(Check(microBatch: microBatch, owner: owner, checker: active[(index + offset) % active.count]))
      }
    }
    return checks
  }

  /// How far a checker may follow the owner among the workers with micro-batches: where possible, on another node for all.
  private func offsets(_ active: [Int]) -> [Int] {
    guard sharesRows, active.count > 1 else { return [0] }
    let all = Array(1..<active.count)
    let abroad = all.filter { offset in
      active.indices.allSatisfy { nodes[active[$0]] != nodes[active[($0 + offset) % active.count]] }
    }
    return abroad.isEmpty ? all : abroad
  }
}

extension RandomPurpose {
  /// The micro-batches of a step that are computed twice; the "row" is the step in the epoch.
  package static var recomputation: RandomPurpose { RandomPurpose(number: 9) }
}
