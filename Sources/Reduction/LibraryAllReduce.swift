import Communication

/// The gradient reduction by the communicator's own all-reduce, in the order of summation that the library's author chose: for
/// comparison with `ReproducibleReduction`, and without its promise of the same bits on any layout.
///
/// Each worker sums its micro-batches in order, the sums are all-reduced, and every worker updates all numbers in a copy of its
/// own. The copies stay equal as long as the all-reduce leaves the same bits with every worker; MPI recommends that, and
/// does not require it.
public final class LibraryAllReduce: GradientReduction {
  /// The vector that is summed, and shared.
  public let regions: VectorRegions

  private let communicator: any Communicator
  private let memory: UnsafeMutablePointer<Float>
  private var microBatchesAdded = 0
  private var count: Int { regions.count }

  /// Allocates the buffers. The arguments must agree.
  public init(_ communicator: any Communicator, regions: VectorRegions) {
    self.communicator = communicator
    self.regions = regions
    memory = .allocate(capacity: 3 * regions.count)
    memory.initialize(repeating: 0, count: 3 * regions.count)
  }

  deinit { memory.deallocate() }

  /// The whole vector: every worker updates all of it.
  public var slice: Range<Int> { 0..<count }

  /// This worker's own copy of the numbers that all have.
  public var shared: UnsafeMutablePointer<Float> { memory }

  private var sum: UnsafeMutablePointer<Float> { memory + count }
  private var microBatch: UnsafeMutablePointer<Float> { memory + 2 * count }

  /// Copies rank 0's numbers to every worker. Collective.
  public func distribute(_ values: [Float]?) throws {
    var values = values ?? [Float](repeating: 0, count: count)
    precondition(values.count == count, "the shared vector has \(count) numbers")
    try communicator.broadcast(&values, root: 0)
    shared.update(from: values, count: count)
  }

  /// Begins a step.
  public func begin(_ plan: ReductionPlan) { microBatchesAdded = 0 }

  /// Adds the next micro-batch of this worker's run: `fill` writes all numbers of the vector.
  public func addMicroBatch(_ fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
    if microBatchesAdded == 0 {
      try fill(sum)
    } else {
      try fill(microBatch)
      add(microBatch, to: sum, 0..<count)
    }
    microBatchesAdded += 1
  }

  /// Ends a step: all-reduces the workers' sums, and updates all numbers on every worker.
  public func complete(
    _ plan: ReductionPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (ReducedPart) -> Bool
  ) throws -> Bool {
    if microBatchesAdded == 0 { sum.update(repeating: 0, count: count) }
    try communicator.allReduce(UnsafeMutableBufferPointer(start: sum, count: count), .sum)
    try inspect?(slice, sum)
    return regions.update(slice, sum, update)
  }
}
