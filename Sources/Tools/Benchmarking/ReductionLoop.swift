import Communication
import NeuralNet

/// One worker's part of the exchanges that are timed.
struct ExchangeLoop {
  private let communicator: any Communicator
  private let arena: SharedArena
  private let exchange: CanonicalExchange
  private let plan: SumPlan
  private let count = NetworkDefinition.layout.paddedCount

  /// What the all-reduce works on, in place, and its own copy of the parameters.
  private let reduced: UnsafeMutableBufferPointer<Float>
  private let slab: Slab
  private let parameters: UnsafeMutablePointer<Float>
  private var sliceMoments: AdamMoments
  private var wholeMoments: AdamMoments
  private let optimizer = Adam()
  private var calls = 0

  /// Collective.
  init(_ communicator: any Communicator) throws {
    self.communicator = communicator
    arena = try communicator.makeArena(byteCount: 0)
    exchange = try CanonicalExchange(communicator, count: count, chunksPerWorker: 1)
    plan = SumPlan(chunks: communicator.size, topology: communicator.topology)
    slab = Slab(capacity: 2 * count)
    reduced = UnsafeMutableBufferPointer(start: slab.take(count), count: count)
    parameters = slab.take(count)
    sliceMoments = AdamMoments(range: exchange.slice)
    wholeMoments = AdamMoments(range: 0..<count)
    try exchange.distribute(communicator.rank == 0 ? [Float](repeating: 0, count: count) : nil)
  }

  /// Both exchanges must give the sum before either is timed: small integers, exact in any order. Collective.
  mutating func check() throws {
    let ranks = 0..<communicator.size
    for kind in [ExchangeBenchmark.Kind.canonical, .allReduce] {
      _ = try time(kind)
      let result = result(of: kind)
      for place in 0..<count {
        let expected = ranks.reduce(Float(0)) { $0 + Self.value(place, rank: $1, call: calls) }
        precondition(result[place] == expected, "\(kind) gives \(result[place]) at \(place), not \(expected)")
      }
    }
  }

  /// One call: its seconds, and those until the result is read, from when all workers were there. Collective.
  mutating func time(_ kind: ExchangeBenchmark.Kind) throws -> (call: Double, read: Double) {
    calls += 1
    switch kind {
    case .canonical, .canonicalWithAdam:
      exchange.begin(plan)
      exchange.addChunk { write($0) }
    case .allReduce, .allReduceWithAdam:
      if let base = reduced.baseAddress { write(base) }
    case .meeting: break
    }
    // Twice: the workers that sleep or yield in the first have been woken up when they leave the second.
    try communicator.barrier()
    try arena.meet()
    let start = Stopwatch.now
    try perform(kind)
    let end = Stopwatch.now
    let sum = read(result(of: kind))
    let readEnd = Stopwatch.now
    precondition(!sum.isNaN, "the result is not a number")
    return (end - start, readEnd - start)
  }

  private mutating func perform(_ kind: ExchangeBenchmark.Kind) throws {
    let constants = optimizer.constants(step: calls, samples: 32)
    let shared = exchange.shared
    switch kind {
    case .canonical:
      try exchange.complete(plan) { range, sums in (shared + range.lowerBound).update(from: sums, count: range.count) }
    case .canonicalWithAdam:
      try exchange.complete(plan) { range, sums in
        sliceMoments.step(constants, part: range, gradient: sums, parameters: shared)
      }
    case .allReduce:
      try communicator.allReduce(reduced, .sum)
    case .allReduceWithAdam:
      try communicator.allReduce(reduced, .sum)
      if let base = reduced.baseAddress { wholeMoments.step(constants, gradient: base, parameters: parameters) }
    case .meeting:
      try arena.meet()
    }
  }

  private func result(of kind: ExchangeBenchmark.Kind) -> UnsafePointer<Float> {
    switch kind {
    case .canonical, .canonicalWithAdam, .meeting: UnsafePointer(exchange.shared)
    case .allReduce: UnsafePointer(reduced.baseAddress ?? parameters)
    case .allReduceWithAdam: UnsafePointer(parameters)
    }
  }

  private static func value(_ place: Int, rank: Int, call: Int) -> Float { Float((place + 3 * rank + call) & 255) }

  /// Writes this worker's vector, other numbers at every call.
  private func write(_ vector: UnsafeMutablePointer<Float>) {
    for place in 0..<count { vector[place] = Self.value(place, rank: communicator.rank, call: calls) }
  }

  /// Reads every number.
  private func read(_ vector: UnsafePointer<Float>) -> Float {
    var sums = SIMD16<Float>()
    for place in stride(from: 0, to: count, by: 16) {
      sums += UnsafeRawPointer(vector + place).loadUnaligned(as: SIMD16<Float>.self)
    }
    return sums.sum()
  }
}
