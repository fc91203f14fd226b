import Communication
import Reduction
import TestTags
import Testing

/// Both reductions keep one protocol; the all-reduce leaves all workers with the same sums, not with the tree's.
@Suite("The library's all-reduce keeps the protocol of the reproducible reduction", .tags(.threads))
struct LibraryAllReduceTests {
  private static let regions = VectorRegions(16 * 8, 16)
  private static let count = 16 * 9

  /// A micro-batch's numbers: small integers, whose sums are exact in any order, and after them numbers whose sums are not.
  private static func value(_ microBatch: Int, _ index: Int) -> Float {
    let integer = Float((microBatch * 31 + index * 7) % 100)
    return index < 16 ? integer : integer * 0.1 + Float(1 << (microBatch * 5 % 20))
  }

  /// What every worker holds after a step of 13 micro-batches and one of 2, in which `shared += sum`.
  private static func run(
    workers: Int, _ make: @escaping @Sendable (any Communicator) throws -> any GradientReduction
  ) throws -> [[Float]] {
    try ThreadGroup.run(workers: workers) { communicator in
      let reduction = try make(communicator)
      try reduction.distribute(communicator.rank == 0 ? (0..<count).map { Float($0) } : nil)
      for microBatches in [13, 2] {
        let plan = ReductionPlan(microBatches: microBatches, topology: communicator.topology)
        reduction.begin(plan)
        for microBatch in plan.runs[communicator.rank] {
          reduction.addMicroBatch { sum in
            for index in 0..<count { sum[index] = value(microBatch, index) }
          }
        }
        let isSound = try reduction.complete(plan, inspect: nil) { part in
          for index in part.range { reduction.shared[index] += part.sums[index - part.range.lowerBound] }
          return true
        }
        #expect(isSound)
      }
      let result = Array(UnsafeBufferPointer(start: reduction.shared, count: count))
      try communicator.barrier()
      return result
    }
  }

  private static func allReduced(_ workers: Int) throws -> [[Float]] {
    try run(workers: workers) { LibraryAllReduce($0, regions: regions) }
  }

  private static func reproducible(_ workers: Int) throws -> [[Float]] {
    try run(workers: workers) { try ReproducibleReduction($0, regions: regions, microBatchesPerWorker: 13) }
  }

  @Test(arguments: [1, 2, 3, 4, 7])
  func `All workers hold the same sums, those without micro-batches too`(_ workers: Int) throws {
    let results = try Self.allReduced(workers)
    for result in results { #expect(result.map(\.bitPattern) == results[0].map(\.bitPattern)) }
    for index in 0..<16 {
      let sums = (0..<13).reduce(Float(0)) { $0 + Self.value($1, index) } + Self.value(0, index) + Self.value(1, index)
      #expect(results[0][index] == Float(index) + sums)
    }
  }

  @Test func `One worker adds its micro-batches in order`() throws {
    let expected = (0..<Self.count).map { index in
      let first = (1..<13).reduce(Self.value(0, index)) { $0 + Self.value($1, index) }
      return Float(index) + first + (Self.value(0, index) + Self.value(1, index))
    }
    #expect(try Self.allReduced(1)[0].map(\.bitPattern) == expected.map(\.bitPattern))
  }

  @Test func `Its sums depend on the number of workers, the reproducible ones do not`() throws {
    let reproducible = try [1, 2, 3].map { try Self.reproducible($0)[0].map(\.bitPattern) }
    #expect(reproducible[1] == reproducible[0])
    #expect(reproducible[2] == reproducible[0])
    let allReduced = try [1, 2, 3].map { try Self.allReduced($0)[0].map(\.bitPattern) }
    #expect(allReduced[1] != allReduced[0])
    #expect(allReduced[2] != allReduced[0])
    #expect(allReduced[0] != reproducible[0])
  }

  @Test func `Every worker updates the whole vector, or else its slice`() throws {
    let slices = try ThreadGroup.run(workers: 3) { communicator in
      let reductions: [any GradientReduction] = [
        LibraryAllReduce(communicator, regions: Self.regions),
        try ReproducibleReduction(communicator, regions: Self.regions, microBatchesPerWorker: 1),
      ]
      return reductions.map(\.slice)
    }
    #expect(slices.map { $0[0] } == [0..<144, 0..<144, 0..<144])
    #expect(slices.map { $0[1] } == [0..<48, 48..<96, 96..<144])
  }
}
