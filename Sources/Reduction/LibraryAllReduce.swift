import Communication

/// The gradient reduction by the communicator's own all-reduce, in the library's order of summation: for comparison with
/// `ReproducibleReduction`, without its guarantee of the same bits for any number of workers.
///
/// Each worker sums its micro-batches in order, the sums are all-reduced, and every worker updates the whole vector in
/// its own copy. The copies stay equal as long as the all-reduce returns the same bits on every worker, which MPI
/// recommends but does not require.
public final class LibraryAllReduce: GradientReduction {
  /// The regions of the vector that is summed and shared.
  public let regions: VectorRegions

  private let communicator: any Communicator
  private let memory: UnsafeMutablePointer<Float>
  private var microBatchesAdded = 0
  private var count: Int { regions.count }

  /// Allocates the buffers. The arguments must be the same on all workers.
  public init(_ communicator: any Communicator, regions: VectorRegions) {
    self.communicator = communicator
    self.regions = regions
    memory = .allocate(capacity: 3 * regions.count)
    memory.initialize(repeating: 0, count: 3 * regions.count)
  }

  deinit { memory.deallocate() }

  /// The whole vector: every worker updates all of it.
  public var slice: Range<Int> { 0..<count }

  /// This worker's own copy of the shared vector.
  public var shared: UnsafeMutablePointer<Float> { memory }

  private var sum: UnsafeMutablePointer<Float> { memory + count }
  private var microBatch: UnsafeMutablePointer<Float> { memory + 2 * count }

  /// Broadcasts rank 0's values to every worker. Collective.
  public func distribute(_ values: [Float]?) throws {
    var values = values ?? [Float](repeating: 0, count: count)
    precondition(values.count == count, "the shared vector has \(count) numbers")
    try communicator.broadcast(&values, root: 0)
    shared.update(from: values, count: count)
  }

  /// Begins a step.
  public func begin(_ plan: ReductionPlan) { microBatchesAdded = 0 }

  /// Adds the next micro-batch of this worker's run: `fill` writes the micro-batch's whole vector.
  public func addMicroBatch(_ fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
    if microBatchesAdded == 0 {
      try fill(sum)
    } else {
      try fill(microBatch)
      add(microBatch, to: sum, 0..<count)
    }
    microBatchesAdded += 1
  }

  /// Completes a step: all-reduces the workers' sums, and updates the whole vector on every worker.
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
