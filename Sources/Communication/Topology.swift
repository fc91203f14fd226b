/// The placement of the workers on nodes, and their node-major order.
///
/// A worker's index in `order` is its worker index: sorted by node (by their lowest rank), then by rank. So the workers
/// of a node are adjacent, however the launcher placed them. Micro-batches and byte ranges are distributed by worker
/// index.
public struct Topology: Equatable, Sendable {
  /// The ranks on each node, ascending; nodes are ordered by their lowest rank.
  public let nodes: [[Int]]

  /// All ranks, by worker index.
  public let order: [Int]

  /// The node index of each rank.
  public let nodeOfRank: [Int]

  /// The topology for one key per rank; ranks with equal keys share memory.
  public init(keys: [Int]) {
    var nodes: [[Int]] = []
    var indexOfKey: [Int: Int] = [:]
    var nodeOfRank: [Int] = []
    for (rank, key) in keys.enumerated() {
      let index = indexOfKey[key] ?? nodes.count
      if index == nodes.count {
        indexOfKey[key] = index
        nodes.append([])
      }
      nodes[index].append(rank)
      nodeOfRank.append(index)
    }
    self.nodes = nodes
    self.order = nodes.flatMap { $0 }
    self.nodeOfRank = nodeOfRank
    var indices = [Int](repeating: 0, count: order.count)
    for (index, rank) in order.enumerated() { indices[rank] = index }
    workerIndexOfRank = indices
  }

  /// The worker index of each rank: its index in `order`.
  public let workerIndexOfRank: [Int]
}
