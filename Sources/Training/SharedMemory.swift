import Communication
import NeuralNet
import SignLanguageMNIST

/// The memory that the workers of a node share in a run whose rows all can read.
public enum SharedMemory {
  /// The bytes on each node: the rows of both sets, and the exchange.
  ///
  /// - Parameters:
  ///   - rows: the training rows and the validation rows.
  ///   - batchSize: the samples of a step.
  public static func byteCounts(rows: Int, batchSize: Int, topology: Topology) -> [Int] {
    let layout = BatchLayout(samples: min(batchSize, rows), topology: topology)
    let chunks = layout.plan.runs.map(\.count).max() ?? 0
    return topology.nodes.map { node in
      rows * RowTable.bytesPerRow
        + CanonicalExchange.arenaByteCount(
          count: TrainingStep.vectorLength, chunksPerWorker: chunks, workersOnNode: node.count)
    }
  }
}
