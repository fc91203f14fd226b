/// The canonical sum: the fixed binary tree over the numbers of a batch's chunks, dealt out to workers.
///
/// The tree depends on the number of chunks alone. Its nodes at height l cover the chunks [i 2^l, (i + 1) 2^l), cut off at
/// the last; a node whose right half is empty is its left half. For seven chunks:
///
///                      [0,7)
///                  /          \
///             [0,4)            [4,7)
///            /     \          /     \
///        [0,2)    [2,4)   [4,6)      6
///        /   \    /   \   /   \
///       0     1  2     3 4     5
///
/// Each worker owns a contiguous run of chunks and sums the largest subtrees inside it; then the workers' partial sums are
/// added in tree order. Any number of workers so performs the same additions, and gets the same bits.
public struct SumPlan: Sendable {
  /// A subtree's sum, and who holds it.
  package struct Partial: Equatable, Sendable {
    /// The chunks of the subtree.
    package let chunks: Range<Int>
    /// The holder's position in the topology's order.
    let position: Int
    /// The holder's slot with the sum.
    let slot: Int
  }

  /// An addition of one partial sum to another, both by their index in `partials`.
  package struct Addition: Equatable, Sendable {
    package let target: Int
    package let source: Int
  }

  /// The chunks of each worker, by its position in the topology's order; empty for workers without work.
  public let runs: [Range<Int>]

  /// All workers' partial sums, in chunk order. The first one's place holds the whole sum in the end.
  package let partials: [Partial]

  /// The additions between workers of one node, by node, in tree order.
  package let additionsOnNode: [[Addition]]

  /// The additions between nodes, which follow.
  package let additionsBetweenNodes: [Addition]

  /// The partial sums that are left on each node after its own additions.
  let remainingOnNode: [[Int]]

  /// The plan for chunks dealt out evenly: the worker at position p of W gets [p C / W, (p + 1) C / W).
  public init(chunks: Int, topology: Topology) {
    let workers = topology.order.count
    let runs = (0..<workers).map { $0 * chunks / workers..<($0 + 1) * chunks / workers }
    self.init(runs: runs, topology: topology)
  }

  /// The plan for given runs: contiguous, by position, from chunk 0 on; at least one of them not empty.
  public init(runs: [Range<Int>], topology: Topology) {
    let chunks = runs.last?.upperBound ?? 0
    precondition(chunks > 0, "a sum needs at least one chunk")
    self.runs = runs
    let partials = runs.enumerated().flatMap { position, run in
      Self.largestSubtrees(of: run, chunks: chunks).enumerated().map { slot, subtree in
        Partial(chunks: subtree, position: position, slot: slot)
      }
    }
    let nodes = partials.map { topology.nodeOfRank[topology.order[$0.position]] }
    var onNode = [[Addition]](repeating: [], count: topology.nodes.count)
    var between: [Addition] = []
    var stack: [(chunks: Range<Int>, partial: Int, node: Int?)] = []
    var consumed: Set<Int> = []
    for (index, partial) in partials.enumerated() {
      stack.append((partial.chunks, index, nodes[index]))
      while stack.count > 1,
        Self.areSiblings(stack[stack.count - 2].chunks, stack[stack.count - 1].chunks, chunks: chunks)
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
        stack.append((left.chunks.lowerBound..<right.chunks.upperBound, left.partial, node))
      }
    }
    self.partials = partials
    additionsOnNode = onNode
    additionsBetweenNodes = between
    remainingOnNode = topology.nodes.indices.map { node in
      partials.indices.filter { nodes[$0] == node && !consumed.contains($0) }
    }
  }

  /// The number of chunks.
  public var chunks: Int { runs.last?.upperBound ?? 0 }

  /// Whether two neighbouring subtrees are the halves of one node of the tree over `chunks` chunks.
  static func areSiblings(_ left: Range<Int>, _ right: Range<Int>, chunks: Int) -> Bool {
    let size = left.count
    guard size.nonzeroBitCount == 1, left.lowerBound % (2 * size) == 0 else { return false }
    return left.upperBound == right.lowerBound && right.upperBound == min(left.lowerBound + 2 * size, chunks)
  }

  /// The largest subtrees that lie inside a run, in order.
  static func largestSubtrees(of run: Range<Int>, chunks: Int) -> [Range<Int>] {
    var stack = SubtreeStack(chunks: chunks)
    for chunk in run { stack.push(chunk) { _, _ in } }
    return stack.subtrees
  }

  /// An upper bound of the slots that a worker needs for a run of `count` chunks: two subtrees of each height, and the chunk
  /// under way.
  public static func slotBound(chunks count: Int) -> Int {
    max(1, min(count, 2 * (Int.bitWidth - count.leadingZeroBitCount) + 1))
  }
}

/// The subtrees that a worker has summed so far. A new chunk goes onto the stack, and siblings at its top become one.
package struct SubtreeStack {
  let chunks: Int
  private(set) var subtrees: [Range<Int>] = []

  package init(chunks: Int) {
    self.chunks = chunks
    subtrees.reserveCapacity(2 * Int.bitWidth)
  }

  /// The slot that the next chunk's values go to.
  package var nextSlot: Int { subtrees.count }

  /// Empties the stack.
  mutating func removeAll() { subtrees.removeAll(keepingCapacity: true) }

  /// Takes a chunk whose values lie in `nextSlot`, and calls `add(target, source)` for every two slots to be added.
  package mutating func push(_ chunk: Int, add: (Int, Int) -> Void) {
    subtrees.append(chunk..<chunk + 1)
    while subtrees.count > 1 {
      let (left, right) = (subtrees[subtrees.count - 2], subtrees[subtrees.count - 1])
      guard SumPlan.areSiblings(left, right, chunks: chunks) else { return }
      add(subtrees.count - 2, subtrees.count - 1)
      subtrees.removeLast(2)
      subtrees.append(left.lowerBound..<right.upperBound)
    }
  }
}
