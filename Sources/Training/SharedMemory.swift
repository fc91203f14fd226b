import Communication
import Datasets
import Reduction

/// The memory that the workers of a node share in a run whose rows all can read.
public enum SharedMemory {
  /// The bytes on each node: the rows of both sets, and the gradient reduction.
  ///
  /// - Parameters:
  ///   - rows: the training rows and the validation rows.
  ///   - format: that of their images.
  ///   - batchSize: the samples of a step.
  public static func byteCounts(rows: Int, format: ImageFormat, batchSize: Int, topology: Topology) -> [Int] {
    let batch = BatchPlan(samples: min(batchSize, rows), topology: topology)
    let microBatches = batch.reduction.runs.map(\.count).max() ?? 0
    return topology.nodes.map { node in
      rows * RowTable.bytesPerRow(format)
        + ReproducibleReduction.segmentByteCount(
          count: StepVector.regions.count, microBatchesPerWorker: microBatches, workersOnNode: node.count)
    }
  }
}
