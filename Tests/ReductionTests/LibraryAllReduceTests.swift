import Communication
import Reduction
import Testing

/// Both exchanges keep one protocol; the all-reduce leaves all workers with the same sums, not with the tree's.
@Suite struct AllReduceExchangeTests {
  private static let count = 16 * 9

  /// A micro-batch's numbers: small integers, whose sums are exact in any order, and behind them numbers whose sums are not.
  private static func value(_ microBatch: Int, _ place: Int) -> Float {
    let integer = Float((microBatch * 31 + place * 7) % 100)
    return place < 16 ? integer : integer * 0.1 + Float(1 << (microBatch * 5 % 20))
  }

  /// What every worker holds after a step of 13 micro-batches and one of 2, in which `shared += sum`.
  private static func run(
    workers: Int, _ make: @escaping @Sendable (any Communicator) throws -> any GradientReduction
  ) throws -> [[Float]] {
    try ThreadGroup.run(workers: workers) { communicator in
      let exchange = try make(communicator)
      try exchange.distribute(communicator.rank == 0 ? (0..<count).map { Float($0) } : nil)
      for microBatches in [13, 2] {
        let plan = ReductionPlan(microBatches: microBatches, topology: communicator.topology)
        exchange.begin(plan)
        for microBatch in plan.runs[communicator.rank] {
          exchange.addMicroBatch { slot in
            for place in 0..<count { slot[place] = value(microBatch, place) }
          }
        }
        try exchange.complete(plan) { range, sums in
          for place in range { exchange.shared[place] += sums[place - range.lowerBound] }
        }
      }
      let result = Array(UnsafeBufferPointer(start: exchange.shared, count: exchange.count))
      try communicator.barrier()
      return result
    }
  }

  private static func allReduced(_ workers: Int) throws -> [[Float]] {
    try run(workers: workers) { LibraryAllReduce($0, count: count) }
  }

  private static func reproducible(_ workers: Int) throws -> [[Float]] {
    try run(workers: workers) { try ReproducibleReduction($0, count: count, microBatchesPerWorker: 13) }
  }

  @Test(arguments: [1, 2, 3, 4, 7])
  func `All workers hold the same sums, those without microBatches too`(_ workers: Int) throws {
    let results = try Self.allReduced(workers)
    for result in results { #expect(result.map(\.bitPattern) == results[0].map(\.bitPattern)) }
    for place in 0..<16 {
      let sums = (0..<13).reduce(Float(0)) { $0 + Self.value($1, place) } + Self.value(0, place) + Self.value(1, place)
      #expect(results[0][place] == Float(place) + sums)
    }
  }

  @Test func `One worker adds its microBatches in order`() throws {
    let expected = (0..<Self.count).map { place in
      let first = (1..<13).reduce(Self.value(0, place)) { $0 + Self.value($1, place) }
      return Float(place) + first + (Self.value(0, place) + Self.value(1, place))
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
      let exchanges: [any GradientReduction] = [
        LibraryAllReduce(communicator, count: Self.count),
        try ReproducibleReduction(communicator, count: Self.count, microBatchesPerWorker: 1),
      ]
      return exchanges.map(\.slice)
    }
    #expect(slices.map { $0[0] } == [0..<144, 0..<144, 0..<144])
    #expect(slices.map { $0[1] } == [0..<48, 48..<96, 96..<144])
  }
}
