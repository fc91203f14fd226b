import Communication

/// The plan of a reproducible reduction: a fixed binary tree over the micro-batches of a batch, distributed over workers.
///
/// The tree depends on the number of micro-batches alone. Its nodes at height l cover the micro-batches [i 2^l, (i + 1)
/// 2^l), up to the last one; a node whose right half is empty is its left half. For seven micro-batches:
///
///                      [0,7)
///                  /          \
///             [0,4)            [4,7)
///            /     \          /     \
///        [0,2)    [2,4)   [4,6)      6
///        /   \    /   \   /   \
///       0     1  2     3 4     5
///
/// Each worker has a contiguous run of micro-batches and sums the largest subtrees inside it; then the workers' partial
/// sums are added in tree order. So any number of workers performs the same additions and gets the same bits.
public struct ReductionPlan: Sendable {
  /// The sum of a subtree, and the buffer that holds it.
  package struct Partial: Equatable, Sendable {
    /// The micro-batches of the subtree.
    package let microBatches: Range<Int>
    /// The worker index of the worker that holds it.
    let workerIndex: Int
    /// The number of that worker's partial-sum buffer.
    let buffer: Int
  }

  /// An addition of one partial sum to another, by their indices in `partials`.
  package struct Addition: Equatable, Sendable {
    package let target: Int
    package let source: Int
  }

  /// The run of micro-batches of each worker, by worker index; may be empty.
  public let runs: [Range<Int>]

  /// All workers' partial sums, in micro-batch order. The first one becomes the total.
  package let partials: [Partial]

  /// The additions within each node, in tree order.
  package let additionsOnNode: [[Addition]]

  /// The additions between nodes, in tree order, which follow those within nodes.
  package let additionsBetweenNodes: [Addition]

  /// The partial sums that remain on each node after its own additions.
  let remainingOnNode: [[Int]]

  /// A plan with the micro-batches distributed evenly: of C micro-batches, worker p of W gets [p C / W, (p + 1) C / W).
  public init(microBatches: Int, topology: Topology) {
    let workers = topology.order.count
    let runs = (0..<workers).map { $0 * microBatches / workers..<($0 + 1) * microBatches / workers }
    self.init(runs: runs, topology: topology)
  }

  /// A plan for given runs, by worker index: contiguous from micro-batch 0 on, and not all empty.
  public init(runs: [Range<Int>], topology: Topology) {
    let microBatches = runs.last?.upperBound ?? 0
    precondition(microBatches > 0, "a sum needs at least one micro-batch")
    self.runs = runs
    let partials = runs.enumerated().flatMap { workerIndex, run in
      Self.largestSubtrees(of: run, microBatches: microBatches).enumerated().map { buffer, subtree in
        Partial(microBatches: subtree, workerIndex: workerIndex, buffer: buffer)
      }
    }
    let nodes = partials.map { topology.nodeOfRank[topology.order[$0.workerIndex]] }
    var onNode = [[Addition]](repeating: [], count: topology.nodes.count)
    var between: [Addition] = []
    var stack: [(microBatches: Range<Int>, partial: Int, node: Int?)] = []
    var consumed: Set<Int> = []
    for (index, partial) in partials.enumerated() {
      stack.append((partial.microBatches, index, nodes[index]))
      while stack.count > 1,
        Self.areSiblings(
          stack[stack.count - 2].microBatches, stack[stack.count - 1].microBatches, microBatches: microBatches)
      {
        let right = stack.removeLast()
        let left = stack.removeLast()
        let addition = Addition(target: left.partial, source: right.partial)
        let node = left.node == right.node ? left.node : nil
        if let node {
          onNode[node].append(addition)
          consumed.insert(right.partial)
        } else {
          between.append(addition)
        }
        stack.append((left.microBatches.lowerBound..<right.microBatches.upperBound, left.partial, node))
      }
    }
    self.partials = partials
    additionsOnNode = onNode
    additionsBetweenNodes = between
    remainingOnNode = topology.nodes.indices.map { node in
      partials.indices.filter { nodes[$0] == node && !consumed.contains($0) }
    }
  }

  /// The number of micro-batches.
  public var microBatches: Int { runs.last?.upperBound ?? 0 }

  /// Whether two adjacent subtrees are the two halves of a node of the tree over `microBatches` micro-batches.
  static func areSiblings(_ left: Range<Int>, _ right: Range<Int>, microBatches: Int) -> Bool {
    let size = left.count
    guard size.nonzeroBitCount == 1, left.lowerBound % (2 * size) == 0 else { return false }
    return left.upperBound == right.lowerBound && right.upperBound == min(left.lowerBound + 2 * size, microBatches)
  }

  /// The largest subtrees inside a run, in order.
  static func largestSubtrees(of run: Range<Int>, microBatches: Int) -> [Range<Int>] {
    var stack = SubtreeStack(microBatches: microBatches)
    for microBatch in run { stack.push(microBatch) { _, _ in } }
    return stack.subtrees
  }

  /// An upper bound of the number of partial-sum buffers that a worker needs for a run of `count` micro-batches: two
  /// subtrees of each height, and the current micro-batch.
  public static func partialSumBound(microBatches count: Int) -> Int {
    max(1, min(count, 2 * (Int.bitWidth - count.leadingZeroBitCount) + 1))
  }
}

/// The stack of subtrees that a worker has summed so far. Each micro-batch is pushed, and siblings at the top are merged.
package struct SubtreeStack {
  let microBatches: Int
  private(set) var subtrees: [Range<Int>] = []

  package init(microBatches: Int) {
    self.microBatches = microBatches
    subtrees.reserveCapacity(2 * Int.bitWidth)
  }

  /// The number of the partial-sum buffer for the next micro-batch.
  package var nextPartialSum: Int { subtrees.count }

  /// Empties the stack.
  mutating func removeAll() { subtrees.removeAll(keepingCapacity: true) }

  /// Pushes a micro-batch whose values are in buffer `nextPartialSum`, and calls `add(target, source)` for each two
  /// buffers to be added.
  package mutating func push(_ microBatch: Int, add: (Int, Int) -> Void) {
    subtrees.append(microBatch..<microBatch + 1)
    while subtrees.count > 1 {
      let (left, right) = (subtrees[subtrees.count - 2], subtrees[subtrees.count - 1])
      guard ReductionPlan.areSiblings(left, right, microBatches: microBatches) else { return }
      add(subtrees.count - 2, subtrees.count - 1)
      subtrees.removeLast(2)
      subtrees.append(left.lowerBound..<right.upperBound)
    }
  }
}
