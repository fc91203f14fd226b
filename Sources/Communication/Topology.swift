/// Which worker runs on which node, and the workers' node-major order.
///
/// A worker's index in `order` is its worker index: by node first (nodes by their lowest rank), then by rank. So a node's
/// workers are neighbours, whatever placement the launcher chose. Micro-batches and byte ranges are dealt out by worker index.
public struct Topology: Equatable, Sendable {
  /// The ranks of each node, ascending; nodes are ordered by their lowest rank.
  public let nodes: [[Int]]

  /// All ranks, by worker index.
  public let order: [Int]

  /// The node index of each rank.
  public let nodeOfRank: [Int]

  /// Makes the topology from one key per rank (equal keys share memory).
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
