import Communication
import Reduction
import Synchronization
import Testing

/// The exchange gives the same bits however the micro-batches are dealt out, and lets every worker see every update.
@Suite struct CanonicalExchangeTests {
  private static let count = 16 * 37

  /// A micro-batch's numbers: of very different sizes, so that any other order of summation gives other bits.
  private static func value(_ microBatch: Int, _ place: Int, step: Int) -> Float {
    let mixed = UInt32(truncatingIfNeeded: (microBatch * 7919 + place * 104_729 + step * 15_485_863) &* 2_654_435_761)
    return Float(Int32(bitPattern: mixed) >> Int32(mixed % 24)) * 1e-4
  }

  /// The sum over the tree, straight from its definition.
  private static func treeSum(_ range: Range<Int>, _ place: Int, step: Int) -> Float {
    guard range.count > 1 else { return value(range.lowerBound, place, step: step) }
    var half = 1
    while half * 2 < range.count { half *= 2 }
    let middle = range.lowerBound + half
    return treeSum(range.lowerBound..<middle, place, step: step)
      + treeSum(middle..<range.upperBound, place, step: step)
  }

  /// What all workers hold after three steps in which `shared += sum`.
  private static func expected(microBatches: Int) -> [Float] {
    (0..<count).map { place in
      (0..<3).reduce(Float(place)) { $0 + treeSum(0..<microBatches, place, step: $1) }
    }
  }

  private static func run(microBatches: Int, nodeKeys: [Int]) throws -> [[Float]] {
    try ThreadGroup.run(nodeKeys: nodeKeys) { communicator in
      let plan = ReductionPlan(microBatches: microBatches, topology: communicator.topology)
      let most = plan.runs.map(\.count).max() ?? 0
      let exchange = try ReproducibleReduction(communicator, count: count, microBatchesPerWorker: most)
      try exchange.distribute(communicator.rank == 0 ? (0..<count).map { Float($0) } : nil)
      let position = communicator.topology.workerIndexOfRank[communicator.rank]
      for step in 0..<3 {
        exchange.begin(plan)
        for microBatch in plan.runs[position] {
          exchange.addMicroBatch { slot in
            for place in 0..<count { slot[place] = value(microBatch, place, step: step) }
          }
        }
        try exchange.complete(plan) { range, sums in
          for place in range { exchange.shared[place] += sums[place - range.lowerBound] }
        }
      }
      let result = Array(UnsafeBufferPointer(start: exchange.shared, count: count))
      try communicator.barrier()
      return result
    }
  }

  @Test(arguments: [
    [0], [0, 0], [0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 1], [0, 0, 1, 1], [0, 1, 2, 3], [0, 0, 0, 1], [0, 1, 0, 1], [0, 1, 1, 2, 0],
  ])
  func `All workers of any layout hold the tree's sums`(_ nodeKeys: [Int]) throws {
    for microBatches in [1, 2, 4, 5, 7, 13, 32] {
      let expected = Self.expected(microBatches: microBatches)
      for (rank, result) in try Self.run(microBatches: microBatches, nodeKeys: nodeKeys).enumerated() {
        #expect(
          result.map(\.bitPattern) == expected.map(\.bitPattern), "\(microBatches) micro-batches on \(nodeKeys), rank \(rank)")
      }
    }
  }

  @Test func `Another order of summation gives other bits`() {
    let places = 0..<Self.count
    let inOrder = places.map { place in (0..<13).reduce(Float(0)) { $0 + Self.value($1, place, step: 0) } }
    let inTree = places.map { Self.treeSum(0..<13, $0, step: 0) }
    #expect(inOrder.map(\.bitPattern) != inTree.map(\.bitPattern))
  }
}
