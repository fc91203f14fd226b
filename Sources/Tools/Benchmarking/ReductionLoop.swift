import Communication
import NeuralNet
import Optimizers
import Reduction

/// One worker's part of the reductions that are timed.
struct ReductionLoop {
  private let communicator: any Communicator
  private let segment: SharedSegment
  private let reduction: ReproducibleReduction
  private let plan: ReductionPlan
  private let count = Self.parameters

  /// The length of the default network's gradient.
  static let parameters = Architecture.signLanguageMNIST().layout.paddedCount

  /// What the all-reduce works on, in place, and its own copy of the parameters.
  private let reduced: UnsafeMutableBufferPointer<Float>
  private let workspace: Workspace
  private let parameters: UnsafeMutablePointer<Float>
  private var sliceAdam: ShardedOptimizer
  private var wholeAdam: ShardedOptimizer
  private var calls = 0

  /// Collective.
  init(_ communicator: any Communicator) throws {
    self.communicator = communicator
    segment = try communicator.makeSharedSegment(byteCount: 0)
    reduction = try ReproducibleReduction(communicator, regions: VectorRegions(count), microBatchesPerWorker: 1)
    plan = ReductionPlan(microBatches: communicator.size, topology: communicator.topology)
    workspace = Workspace()
    reduced = UnsafeMutableBufferPointer(start: workspace.take(count), count: count)
    parameters = workspace.take(count)
    sliceAdam = ShardedOptimizer(Adam(), range: reduction.slice)
    wholeAdam = ShardedOptimizer(Adam(), range: 0..<count)
    try reduction.distribute(communicator.rank == 0 ? [Float](repeating: 0, count: count) : nil)
  }

  /// Both reductions must give the sum before either is timed: small integers, exact in any order. Collective.
  mutating func check() throws {
    let ranks = 0..<communicator.size
    for kind in [ReductionBenchmark.Kind.reproducible, .allReduce] {
      _ = try time(kind)
      let result = result(of: kind)
      for index in 0..<count {
        let expected = ranks.reduce(Float(0)) { $0 + Self.value(index, rank: $1, call: calls) }
        precondition(result[index] == expected, "\(kind) gives \(result[index]) at \(index), not \(expected)")
      }
    }
  }

  /// One call: its seconds, and those until the result is read, from when all workers were there. Collective.
  mutating func time(_ kind: ReductionBenchmark.Kind) throws -> (call: Double, read: Double) {
    calls += 1
    switch kind {
    case .reproducible, .reproducibleWithAdam:
      reduction.begin(plan)
      reduction.addMicroBatch { write($0) }
    case .allReduce, .allReduceWithAdam:
      if let base = reduced.baseAddress { write(base) }
    case .barrier: break
    }
    // Twice: the workers that sleep or yield in the first have been woken up when they leave the second.
    try communicator.barrier()
    try segment.barrier()
    let start = Stopwatch.now
    try perform(kind)
    let end = Stopwatch.now
    let sum = read(result(of: kind))
    let readEnd = Stopwatch.now
    precondition(!sum.isNaN, "the result is not a number")
    return (end - start, readEnd - start)
  }

  private mutating func perform(_ kind: ReductionBenchmark.Kind) throws {
    sliceAdam.begin(step: calls, learningRate: 0.001)
    wholeAdam.begin(step: calls, learningRate: 0.001)
    let scale: Float = 1 / 32
    let shared = reduction.shared
    switch kind {
    case .reproducible:
      _ = try reduction.complete(plan, inspect: nil) { part in
        (shared + part.range.lowerBound).update(from: part.sums, count: part.range.count)
        return true
      }
    case .reproducibleWithAdam:
      _ = try reduction.complete(plan, inspect: nil) { part in
        sliceAdam.update(part.range, gradient: part.sums, scale: scale, parameters: shared)
        return true
      }
    case .allReduce:
      try communicator.allReduce(reduced, .sum)
    case .allReduceWithAdam:
      try communicator.allReduce(reduced, .sum)
      if let base = reduced.baseAddress { wholeAdam.update(gradient: base, scale: scale, parameters: parameters) }
    case .barrier:
      try segment.barrier()
    }
  }

  private func result(of kind: ReductionBenchmark.Kind) -> UnsafePointer<Float> {
    switch kind {
    case .reproducible, .reproducibleWithAdam, .barrier: UnsafePointer(reduction.shared)
    case .allReduce: UnsafePointer(reduced.baseAddress ?? parameters)
    case .allReduceWithAdam: UnsafePointer(parameters)
    }
  }

  private static func value(_ index: Int, rank: Int, call: Int) -> Float { Float((index + 3 * rank + call) & 255) }

  /// Writes this worker's vector, other numbers at every call.
  private func write(_ vector: UnsafeMutablePointer<Float>) {
    for index in 0..<count { vector[index] = Self.value(index, rank: communicator.rank, call: calls) }
  }

  /// Reads every number.
  private func read(_ vector: UnsafePointer<Float>) -> Float {
    var sums = SIMD16<Float>()
    for index in stride(from: 0, to: count, by: 16) {
      sums += UnsafeRawPointer(vector + index).loadUnaligned(as: SIMD16<Float>.self)
    }
    return sums.sum()
  }
}
