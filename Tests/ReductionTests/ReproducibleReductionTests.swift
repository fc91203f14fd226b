import Communication
import Reduction
import Synchronization
import TestTags
import Testing

/// The reduction gives the same bits however the micro-batches are dealt out, and lets every worker see every update.
@Suite("The reproducible reduction gives the same bits on any layout", .tags(.threads, .bits))
struct ReproducibleReductionTests {
  private static let count = 16 * 37

  /// A micro-batch's numbers: of very different sizes, so that any other order of summation gives other bits.
  private static func value(_ microBatch: Int, _ index: Int, step: Int) -> Float {
    let mixed = UInt32(truncatingIfNeeded: (microBatch * 7919 + index * 104_729 + step * 15_485_863) &* 2_654_435_761)
    return Float(Int32(bitPattern: mixed) >> Int32(mixed % 24)) * 1e-4
  }

  /// The sum over the tree, straight from its definition.
  private static func treeSum(_ range: Range<Int>, _ index: Int, step: Int) -> Float {
    guard range.count > 1 else { return value(range.lowerBound, index, step: step) }
    var half = 1
    while half * 2 < range.count { half *= 2 }
    let middle = range.lowerBound + half
    return treeSum(range.lowerBound..<middle, index, step: step)
      + treeSum(middle..<range.upperBound, index, step: step)
  }

  /// What all workers hold after three steps in which `shared += sum`.
  private static func expected(microBatches: Int) -> [Float] {
    (0..<count).map { index in
      (0..<3).reduce(Float(index)) { $0 + treeSum(0..<microBatches, index, step: $1) }
    }
  }

  private static func run(microBatches: Int, nodeKeys: [Int]) throws -> [[Float]] {
    try ThreadGroup.run(nodeKeys: nodeKeys) { communicator in
      let plan = ReductionPlan(microBatches: microBatches, topology: communicator.topology)
      let most = plan.runs.map(\.count).max() ?? 0
      let reduction = try ReproducibleReduction(
        communicator, regions: VectorRegions(count), microBatchesPerWorker: most)
      try reduction.distribute(communicator.rank == 0 ? (0..<count).map { Float($0) } : nil)
      for step in 0..<3 {
        reduction.begin(plan)
        for microBatch in plan.runs[communicator.workerIndex] {
          reduction.addMicroBatch { sum in
            for index in 0..<count { sum[index] = value(microBatch, index, step: step) }
          }
        }
        _ = try reduction.complete(plan, inspect: nil) { part in
          for index in part.range { reduction.shared[index] += part.sums[index - part.range.lowerBound] }
          return true
        }
      }
      let result = Array(UnsafeBufferPointer(start: reduction.shared, count: count))
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
          result.map(\.bitPattern) == expected.map(\.bitPattern),
          "\(microBatches) micro-batches on \(nodeKeys), rank \(rank)")
      }
    }
  }

  @Test func `Another order of summation gives other bits`() {
    let indices = 0..<Self.count
    let inOrder = indices.map { index in (0..<13).reduce(Float(0)) { $0 + Self.value($1, index, step: 0) } }
    let inTree = indices.map { Self.treeSum(0..<13, $0, step: 0) }
    #expect(inOrder.map(\.bitPattern) != inTree.map(\.bitPattern))
  }

  @Test(arguments: [[0], [0, 0, 0], [0, 1], [0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 2, 0]])
  func `What one worker finds unsound, all workers know in the same step, and not in the next`(_ nodeKeys: [Int]) throws
  {
    for unsound in nodeKeys.indices {
      let found = try ThreadGroup.run(nodeKeys: nodeKeys) { communicator in
        let plan = ReductionPlan(microBatches: 5, topology: communicator.topology)
        let reduction = try ReproducibleReduction(
          communicator, regions: VectorRegions(Self.count - 16, 16), microBatchesPerWorker: 5)
        try reduction.distribute(communicator.rank == 0 ? [Float](repeating: 0, count: Self.count) : nil)
        return try (0..<3).map { step in
          reduction.begin(plan)
          for _ in plan.runs[communicator.workerIndex] {
            reduction.addMicroBatch { $0.update(repeating: 1, count: Self.count) }
          }
          return try reduction.complete(plan, inspect: nil) { part in
            step != 1 || communicator.rank != unsound || part.range.lowerBound != reduction.slice.lowerBound
          }
        }
      }
      #expect(
        found == Array(repeating: [true, false, true], count: nodeKeys.count), "worker \(unsound) of \(nodeKeys)")
    }
  }

  @Test func `A slice is cut where two regions adjoin`() throws {
    let regions = VectorRegions(48, 16)
    let parts = try ThreadGroup.run(workers: 1) { communicator in
      let reduction = try ReproducibleReduction(communicator, regions: regions, microBatchesPerWorker: 1)
      try reduction.distribute([Float](repeating: 0, count: 64))
      let plan = ReductionPlan(microBatches: 1, topology: communicator.topology)
      reduction.begin(plan)
      reduction.addMicroBatch { sum in for index in 0..<64 { sum[index] = Float(index) } }
      var parts: [[Int]] = []
      _ = try reduction.complete(plan, inspect: nil) { part in
        parts.append([part.region, part.range.lowerBound, part.range.upperBound, Int(part.sums[0])])
        return true
      }
      return parts
    }
    #expect(parts[0] == [[0, 0, 48, 0], [1, 48, 64, 48]])
  }
}
