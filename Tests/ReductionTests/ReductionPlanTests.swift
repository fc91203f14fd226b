import Communication
import Reduction
import TestTags
import Testing

/// The shape of the reproducible tree, and that every way of dealing out the micro-batches performs the same additions.
@Suite("Every reduction plan performs the additions of one tree", .tags(.pure))
struct ReductionPlanTests {
  /// An addition of the tree, by the micro-batches of both halves.
  private struct TreeAddition: Hashable {
    let left: Range<Int>
    let right: Range<Int>
  }

  /// The tree's additions by its definition: split at the largest power of two below the number of micro-batches of a node.
  private func definition(_ range: Range<Int>) -> Set<TreeAddition> {
    guard range.count > 1 else { return [] }
    var half = 1
    while half * 2 < range.count { half *= 2 }
    let middle = range.lowerBound + half
    let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
    return definition(left).union(definition(right)).union([TreeAddition(left: left, right: right)])
  }

  /// The additions that a plan performs: inside the workers' runs, then on nodes, then between nodes.
  private func performed(_ plan: ReductionPlan) -> [TreeAddition] {
    var additions: [TreeAddition] = []
    for run in plan.runs {
      var stack = SubtreeStack(microBatches: plan.microBatches)
      var sums: [Int: Range<Int>] = [:]
      for microBatch in run {
        sums[stack.nextPartialSum] = microBatch..<microBatch + 1
        stack.push(microBatch) { target, source in
          guard let left = sums[target], let right = sums[source] else { return }
          additions.append(TreeAddition(left: left, right: right))
          sums[target] = left.lowerBound..<right.upperBound
        }
      }
    }
    var held = plan.partials.map(\.microBatches)
    for addition in plan.additionsOnNode.joined() + plan.additionsBetweenNodes {
      additions.append(TreeAddition(left: held[addition.target], right: held[addition.source]))
      held[addition.target] = held[addition.target].lowerBound..<held[addition.source].upperBound
    }
    #expect(held[0] == 0..<plan.microBatches)
    return additions
  }

  private static let layouts: [[Int]] = [
    [0], [0, 0], [0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 1], [0, 0, 1, 1], [0, 1, 2, 3], [0, 0, 0, 1], [0, 1, 0, 1], [0, 1, 1, 2, 0],
  ]

  @Test(arguments: layouts)
  func `Any layout performs the tree's additions, each once`(_ nodes: [Int]) {
    for microBatches in [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 31, 125] {
      let plan = ReductionPlan(microBatches: microBatches, topology: Topology(keys: nodes))
      let additions = performed(plan)
      #expect(Set(additions) == definition(0..<microBatches), "\(microBatches) micro-batches on \(nodes)")
      #expect(additions.count == microBatches - 1, "\(microBatches) micro-batches on \(nodes)")
    }
  }

  @Test(arguments: layouts)
  func `Runs are contiguous and cover the micro-batches`(_ nodes: [Int]) {
    for microBatches in 1...40 {
      let runs = ReductionPlan(microBatches: microBatches, topology: Topology(keys: nodes)).runs
      #expect(runs.flatMap { Array($0) } == Array(0..<microBatches))
      #expect(runs.map(\.count).max()! - runs.map(\.count).min()! <= 1)
    }
  }

  @Test func `A worker never needs more partial sums than the bound`() {
    for microBatches in 1...70 {
      for start in 0..<microBatches {
        for end in start + 1...microBatches {
          var stack = SubtreeStack(microBatches: microBatches)
          var most = 0
          for microBatch in start..<end {
            most = max(most, stack.nextPartialSum + 1)
            stack.push(microBatch) { _, _ in }
          }
          #expect(
            most <= ReductionPlan.partialSumBound(microBatches: end - start), "\(start)..<\(end) of \(microBatches)")
        }
      }
    }
  }
}
