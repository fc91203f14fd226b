import Communication
import Testing

/// The shape of the canonical tree, and that every way of dealing out the chunks performs the same additions.
@Suite struct SumPlanTests {
  /// An addition of the tree, by the chunks of both halves.
  private struct TreeAddition: Hashable {
    let left: Range<Int>
    let right: Range<Int>
  }

  /// The tree's additions by its definition: split at the largest power of two below the number of chunks of a node.
  private func definition(_ range: Range<Int>) -> Set<TreeAddition> {
    guard range.count > 1 else { return [] }
    var half = 1
    while half * 2 < range.count { half *= 2 }
    let middle = range.lowerBound + half
    let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
    return definition(left).union(definition(right)).union([TreeAddition(left: left, right: right)])
  }

  /// The additions that a plan performs: inside the workers' runs, then on nodes, then between nodes.
  private func performed(_ plan: SumPlan) -> [TreeAddition] {
    var additions: [TreeAddition] = []
    for run in plan.runs {
      var stack = SubtreeStack(chunks: plan.chunks)
      var slots: [Int: Range<Int>] = [:]
      for chunk in run {
        slots[stack.nextSlot] = chunk..<chunk + 1
        stack.push(chunk) { target, source in
          guard let left = slots[target], let right = slots[source] else { return }
          additions.append(TreeAddition(left: left, right: right))
          slots[target] = left.lowerBound..<right.upperBound
        }
      }
    }
    var held = plan.partials.map(\.chunks)
    for addition in plan.additionsOnNode.joined() + plan.additionsBetweenNodes {
      additions.append(TreeAddition(left: held[addition.target], right: held[addition.source]))
      held[addition.target] = held[addition.target].lowerBound..<held[addition.source].upperBound
    }
    #expect(held[0] == 0..<plan.chunks)
    return additions
  }

  private static let layouts: [[Int]] = [
    [0], [0, 0], [0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 1], [0, 0, 1, 1], [0, 1, 2, 3], [0, 0, 0, 1], [0, 1, 0, 1], [0, 1, 1, 2, 0],
  ]

  @Test(arguments: layouts)
  func `Any layout performs the tree's additions, each once`(_ nodes: [Int]) {
    for chunks in [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 31, 125] {
      let plan = SumPlan(chunks: chunks, topology: Topology(keys: nodes))
      let additions = performed(plan)
      #expect(Set(additions) == definition(0..<chunks), "\(chunks) chunks on \(nodes)")
      #expect(additions.count == chunks - 1, "\(chunks) chunks on \(nodes)")
    }
  }

  @Test(arguments: layouts)
  func `Runs are contiguous and cover the chunks`(_ nodes: [Int]) {
    for chunks in 1...40 {
      let runs = SumPlan(chunks: chunks, topology: Topology(keys: nodes)).runs
      #expect(runs.flatMap { Array($0) } == Array(0..<chunks))
      #expect(runs.map(\.count).max()! - runs.map(\.count).min()! <= 1)
    }
  }

  @Test func `A worker never needs more slots than the bound`() {
    for chunks in 1...70 {
      for start in 0..<chunks {
        for end in start + 1...chunks {
          var stack = SubtreeStack(chunks: chunks)
          var most = 0
          for chunk in start..<end {
            most = max(most, stack.nextSlot + 1)
            stack.push(chunk) { _, _ in }
          }
          #expect(most <= SumPlan.slotBound(chunks: end - start), "\(start)..<\(end) of \(chunks)")
        }
      }
    }
  }
}
