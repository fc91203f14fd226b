/// The exchange of a training step: sums the workers' gradients in tree order, lets the owner of each slice update it, and
/// leaves the updated numbers with all.
///
/// On a node, everything lies in one arena: the shared numbers (the parameters), and every worker's slots. A step has two
/// meetings: after the first, every worker adds up its slice over all slots and updates the slice of the shared numbers;
/// after the second, all read them. Between nodes, the owners of a slice exchange messages (`CanonicalExchange+Nodes`).
public final class CanonicalExchange: GradientExchange {
  /// The numbers of the vector that is summed, and of the shared vector: a multiple of 16.
  public let count: Int

  /// The slots of a worker: room for the partial sums of its run of chunks.
  public let slots: Int

  /// The part of the vector that this worker sums and updates, a multiple of 16 long; may be empty.
  public let slice: Range<Int>

  /// Where the workers' slices begin, without empty ones.
  public let sliceStarts: [Int]

  let communicator: any Communicator
  let topology: Topology
  let position: Int
  let node: Int
  let nodeStart: Int
  let arena: SharedArena
  private let stride: Int
  private var stack = SubtreeStack(chunks: 0)
  private var nextChunk = 0
  var received: [Float] = []

  /// Makes the arena. Collective; the arguments must agree.
  ///
  /// - Parameters:
  ///   - count: the length of the vector, a multiple of 16.
  ///   - chunksPerWorker: the most chunks that a worker will sum in a step.
  public init(_ communicator: any Communicator, count: Int, chunksPerWorker: Int) throws {
    precondition(count % 16 == 0, "the exchange works on whole vectors of 16 numbers")
    self.communicator = communicator
    self.count = count
    topology = communicator.topology
    slots = SumPlan.slotBound(chunks: chunksPerWorker)
    position = topology.positionOfRank[communicator.rank]
    node = topology.nodeOfRank[communicator.rank]
    nodeStart = topology.nodes[..<node].reduce(0) { $0 + $1.count }
    slice = Self.slice(position, of: topology.order.count, count: count)
    let workers = topology.order.count
    let slices = (0..<workers).map { Self.slice($0, of: workers, count: count) }
    sliceStarts = slices.filter { !$0.isEmpty }.map(\.lowerBound)
    stride = Self.stride(count: count)
    arena = try communicator.makeArena(
      byteCount: Self.arenaByteCount(
        count: count, chunksPerWorker: chunksPerWorker, workersOnNode: topology.nodes[node].count))
  }

  /// The size of a node's arena in bytes.
  public static func arenaByteCount(count: Int, chunksPerWorker: Int, workersOnNode: Int) -> Int {
    let slots = SumPlan.slotBound(chunks: chunksPerWorker)
    return stride(count: count) * (1 + slots * workersOnNode) * MemoryLayout<Float>.stride
  }

  /// The distance of slots: they begin on cache lines of their own, and not at the same place of a page.
  private static func stride(count: Int) -> Int { (count + 63) / 32 * 32 }

  /// The numbers that all workers share and read between steps: a node's copy.
  public var shared: UnsafeMutablePointer<Float> {
    arena.base.assumingMemoryBound(to: Float.self)
  }

  /// Slot `slot` of the worker of this node at position `position`.
  func slot(_ slot: Int, position: Int) -> UnsafeMutablePointer<Float> {
    shared + stride * (1 + (position - nodeStart) * slots + slot)
  }

  static func slice(_ position: Int, of workers: Int, count: Int) -> Range<Int> {
    let vectors = count / 16
    return position * vectors / workers * 16..<(position + 1) * vectors / workers * 16
  }

  /// Begins a step: this worker will add the chunks of its run of `plan`, in order.
  public func begin(_ plan: SumPlan) {
    if stack.chunks != plan.chunks { stack = SubtreeStack(chunks: plan.chunks) }
    stack.removeAll()
    nextChunk = plan.runs[position].lowerBound
  }

  /// Adds the next chunk of this worker's run: `fill` writes all `count` of its numbers.
  public func addChunk(_ fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
    try fill(slot(stack.nextSlot, position: position))
    stack.push(nextChunk) { target, source in
      add(slot(source, position: position), to: slot(target, position: position), 0..<count)
    }
    nextChunk += 1
  }

  /// Ends a step: every chunk's numbers are summed in tree order, and each worker updates its slice of `shared`.
  ///
  /// - Parameters:
  ///   - inspect: takes this worker's slice, also an empty one, and its sums before the first of them is used.
  ///   - update: takes a range of the vector and its sums, of which the first belongs to the range's first number; it writes
  ///     the same range of `shared`. Called for consecutive parts of the slice.
  public func complete(
    _ plan: SumPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (Range<Int>, UnsafePointer<Float>) -> Void
  ) throws {
    try arena.meet()
    if topology.nodes.count > 1 {
      try completeBetweenNodes(plan, inspect: inspect, update: update)
    } else if let inspect {
      addOnNode(plan, slice)
      let sums = UnsafePointer(place(plan.partials[0]) + slice.lowerBound)
      try inspect(slice, sums)
      if !slice.isEmpty { update(slice, sums) }
    } else {
      addOnNode(plan, slice) { block in update(block, UnsafePointer(place(plan.partials[0]) + block.lowerBound)) }
    }
    try arena.meet()
  }

  /// Writes this node's copy of the shared numbers before the first step: from rank 0, which has them.
  public func distribute(_ values: [Float]?) throws {
    var values = values ?? [Float](repeating: 0, count: count)
    precondition(values.count == count, "the shared vector has \(count) numbers")
    try communicator.broadcast(&values, root: 0)
    if arena.localRank == 0 { shared.update(from: values, count: count) }
    try arena.meet()
  }

  /// Performs the node's own additions over a range, block by block, and calls `then` for each block that is done.
  func addOnNode(_ plan: SumPlan, _ range: Range<Int>, then: (Range<Int>) -> Void = { _ in }) {
    let additions = plan.additionsOnNode[node]
    var start = range.lowerBound
    // A block of every slot stays in the first-level cache while the additions run over it, and what follows them.
    while start < range.upperBound {
      let block = start..<min(start + 1024, range.upperBound)
      for addition in additions {
        add(place(plan.partials[addition.source]), to: place(plan.partials[addition.target]), block)
      }
      then(block)
      start = block.upperBound
    }
  }

  func place(_ partial: SumPlan.Partial) -> UnsafeMutablePointer<Float> {
    slot(partial.slot, position: partial.position)
  }
}

/// sum[range] += addend[range].
func add(_ addend: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, _ range: Range<Int>) {
  for i in range { sum[i] += addend[i] }
}
