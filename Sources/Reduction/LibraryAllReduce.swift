/// The exchange by the communicator's own all-reduce, in the order of summation that the library's author chose: for
/// comparison with `CanonicalExchange`, and without its promise of the same bits on any layout.
///
/// Each worker sums its chunks in order, the sums are all-reduced, and every worker updates all numbers in a copy of its
/// own. The copies stay equal as long as the all-reduce leaves the same bits with every worker; MPI recommends that, and
/// does not require it.
public final class AllReduceExchange: GradientExchange {
  /// The numbers of the vector that is summed, and of the shared vector.
  public let count: Int

  private let communicator: any Communicator
  private let memory: UnsafeMutablePointer<Float>
  private var chunksAdded = 0

  /// Makes the exchange. The arguments must agree.
  ///
  /// - Parameter count: the length of the vector.
  public init(_ communicator: any Communicator, count: Int) {
    self.communicator = communicator
    self.count = count
    memory = .allocate(capacity: 3 * count)
    memory.initialize(repeating: 0, count: 3 * count)
  }

  deinit { memory.deallocate() }

  /// The whole vector: every worker updates all of it.
  public var slice: Range<Int> { 0..<count }

  /// One slice, which begins at 0.
  public let sliceStarts = [0]

  /// This worker's own copy of the numbers that all have.
  public var shared: UnsafeMutablePointer<Float> { memory }

  private var sum: UnsafeMutablePointer<Float> { memory + count }
  private var chunk: UnsafeMutablePointer<Float> { memory + 2 * count }

  /// Copies rank 0's numbers to every worker. Collective.
  public func distribute(_ values: [Float]?) throws {
    var values = values ?? [Float](repeating: 0, count: count)
    precondition(values.count == count, "the shared vector has \(count) numbers")
    try communicator.broadcast(&values, root: 0)
    shared.update(from: values, count: count)
  }

  /// Begins a step.
  public func begin(_ plan: SumPlan) { chunksAdded = 0 }

  /// Adds the next chunk of this worker's run: `fill` writes all `count` of its numbers.
  public func addChunk(_ fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
    if chunksAdded == 0 {
      try fill(sum)
    } else {
      try fill(chunk)
      add(chunk, to: sum, 0..<count)
    }
    chunksAdded += 1
  }

  /// Ends a step: all-reduces the workers' sums, and updates all numbers on every worker.
  public func complete(
    _ plan: SumPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (Range<Int>, UnsafePointer<Float>) -> Void
  ) throws {
    if chunksAdded == 0 { sum.update(repeating: 0, count: count) }
    try communicator.allReduce(UnsafeMutableBufferPointer(start: sum, count: count), .sum)
    try inspect?(slice, sum)
    update(slice, sum)
  }
}
