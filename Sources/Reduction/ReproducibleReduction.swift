import Communication

/// The reproducible gradient reduction, with the same bits for any number and placement of workers: a reduce-scatter
/// along a fixed tree, the update of one slice by each worker (sharded optimizer state, as in ZeRO stage 1), and an
/// all-gather of the updated slices.
///
/// Each node has one shared-memory segment with the shared vector (the parameters) and every worker's partial-sum
/// buffers. A training step has two barriers: after the first, every worker adds up its slice over all buffers and
/// updates that slice of the shared vector; after the second, all workers read the vector. Between nodes, slices are sent
/// as messages (`ReproducibleReduction+Nodes`).
public final class ReproducibleReduction: GradientReduction {
  /// The regions of the vector that is summed and shared.
  public let regions: VectorRegions

  /// The number of partial-sum buffers per worker, enough for its run of micro-batches.
  public let buffersPerWorker: Int

  /// The part of the vector that this worker sums and updates; its bounds are multiples of 16, and it may be empty.
  public let slice: Range<Int>

  let communicator: any Communicator
  let topology: Topology
  let workerIndex: Int
  let node: Int
  let nodeStart: Int
  let segment: SharedSegment
  private let stride: Int
  private var stack = SubtreeStack(microBatches: 0)
  private var nextMicroBatch = 0
  /// Buffers for partial sums from other nodes and for updated slices, reused by every step.
  var received: [Float] = []
  var updated: [Float] = []

  /// Allocates the segment. Collective; the arguments must be the same on all workers.
  ///
  /// - Parameter microBatchesPerWorker: the maximum number of micro-batches per worker and step.
  public init(_ communicator: any Communicator, regions: VectorRegions, microBatchesPerWorker: Int) throws {
    self.communicator = communicator
    self.regions = regions
    topology = communicator.topology
    buffersPerWorker = ReductionPlan.partialSumBound(microBatches: microBatchesPerWorker)
    workerIndex = communicator.workerIndex
    node = topology.nodeOfRank[communicator.rank]
    nodeStart = topology.nodes[..<node].reduce(0) { $0 + $1.count }
    slice = Self.slice(workerIndex, of: topology.order.count, count: regions.count)
    stride = Self.stride(count: regions.count)
    segment = try communicator.makeSharedSegment(
      byteCount: Self.segmentByteCount(
        count: regions.count, microBatchesPerWorker: microBatchesPerWorker, workersOnNode: topology.nodes[node].count))
  }

  var count: Int { regions.count }

  /// The size of a node's segment in bytes, for a vector of `count` numbers.
  public static func segmentByteCount(count: Int, microBatchesPerWorker: Int, workersOnNode: Int) -> Int {
    let buffers = ReductionPlan.partialSumBound(microBatches: microBatchesPerWorker) * workersOnNode
    return (stride(count: count) * (1 + buffers) + reportStride * workersOnNode) * MemoryLayout<Float>.stride
  }

  /// The distance between the workers' reports, in numbers: each has its own cache lines.
  private static let reportStride = SharedSegment.alignment / MemoryLayout<Float>.stride

  /// The distance between buffers, in numbers: each begins on its own cache line, and at a different offset in its page.
  private static func stride(count: Int) -> Int { (count + 63) / 32 * 32 }

  /// This node's copy of the shared vector, which workers read between steps.
  public var shared: UnsafeMutablePointer<Float> {
    segment.base.assumingMemoryBound(to: Float.self)
  }

  /// Partial-sum buffer `number` of a worker of this node.
  ///
  /// - Parameter workerIndex: the worker's index in the whole group.
  func buffer(_ number: Int, of workerIndex: Int) -> UnsafeMutablePointer<Float> {
    shared + stride * (1 + (workerIndex - nodeStart) * buffersPerWorker + number)
  }

  static func slice(_ workerIndex: Int, of workers: Int, count: Int) -> Range<Int> {
    let vectors = count / 16
    return workerIndex * vectors / workers * 16..<(workerIndex + 1) * vectors / workers * 16
  }

  /// Begins a step, in which this worker adds the micro-batches of its run of `plan`, in order.
  public func begin(_ plan: ReductionPlan) {
    if stack.microBatches != plan.microBatches { stack = SubtreeStack(microBatches: plan.microBatches) }
    stack.removeAll()
    nextMicroBatch = plan.runs[workerIndex].lowerBound
  }

  /// Adds the next micro-batch of this worker's run: `fill` writes the micro-batch's whole vector.
  public func addMicroBatch(_ fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
    try fill(buffer(stack.nextPartialSum, of: workerIndex))
    stack.push(nextMicroBatch) { target, source in
      add(buffer(source, of: workerIndex), to: buffer(target, of: workerIndex), 0..<count)
    }
    nextMicroBatch += 1
  }

  /// Completes a step: sums the vectors of all micro-batches in tree order, and lets each worker update its slice of
  /// `shared`. Collective.
  public func complete(
    _ plan: ReductionPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (ReducedPart) -> Bool
  ) throws -> Bool {
    try segment.barrier()
    let isSound =
      try topology.nodes.count > 1
      ? completeBetweenNodes(plan, inspect: inspect, update: update)
      : completeOnNode(plan, inspect: inspect, update: update)
    report(of: segment.localRank).pointee = isSound ? 1 : 0
    try segment.barrier()
    return (0..<segment.localSize).allSatisfy { report(of: $0).pointee == 1 }
  }

  private func completeOnNode(
    _ plan: ReductionPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (ReducedPart) -> Bool
  ) throws -> Bool {
    let sums = UnsafePointer(buffer(plan.partials[0]))
    if let inspect {
      addOnNode(plan, slice)
      try inspect(slice, sums + slice.lowerBound)
      return regions.update(slice, sums + slice.lowerBound, update)
    }
    var isSound = true
    addOnNode(plan, slice) { block in
      let ok = regions.update(block, sums + block.lowerBound, update)
      isSound = ok && isSound
    }
    return isSound
  }

  /// The report of a worker of this node: 1 if everything that it wrote to the node's copy in this step is sound, else 0.
  /// Written between the step's two barriers, read after the second.
  private func report(of localRank: Int) -> UnsafeMutablePointer<Float> {
    shared + (stride * (1 + buffersPerWorker * segment.localSize) + Self.reportStride * localRank)
  }

  /// Initialises all nodes' copies of the shared vector from rank 0's `values`, before the first step. Collective.
  public func distribute(_ values: [Float]?) throws {
    var values = values ?? [Float](repeating: 0, count: count)
    precondition(values.count == count, "the shared vector has \(count) numbers")
    try communicator.broadcast(&values, root: 0)
    if segment.localRank == 0 { shared.update(from: values, count: count) }
    try segment.barrier()
  }

  /// Performs the node's own additions over a range, block by block, and calls `then` after each block.
  func addOnNode(_ plan: ReductionPlan, _ range: Range<Int>, then: (Range<Int>) -> Void = { _ in }) {
    let additions = plan.additionsOnNode[node]
    var start = range.lowerBound
    // A block of each buffer stays in the first-level cache during its additions and `then`.
    while start < range.upperBound {
      let block = start..<min(start + 1024, range.upperBound)
      for addition in additions {
        add(buffer(plan.partials[addition.source]), to: buffer(plan.partials[addition.target]), block)
      }
      then(block)
      start = block.upperBound
    }
  }

  func buffer(_ partial: ReductionPlan.Partial) -> UnsafeMutablePointer<Float> {
    buffer(partial.buffer, of: partial.workerIndex)
  }
}

/// sum[range] += addend[range].
func add(_ addend: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, _ range: Range<Int>) {
  for i in range { sum[i] += addend[i] }
}
