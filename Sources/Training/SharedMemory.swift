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
  ///   - configuration: the network and the samples of a step.
  public static func byteCounts(
    rows: Int, format: ImageFormat, _ configuration: TrainingConfiguration, topology: Topology
  ) -> [Int] {
    let batch = BatchPlan(samples: min(configuration.batchSize, rows), topology: topology)
    let microBatches = batch.reduction.runs.map(\.count).max() ?? 0
    let count = StepVector(configuration.architecture.layout).regions.count
    return topology.nodes.map { node in
      rows * RowTable.bytesPerRow(format)
        + ReproducibleReduction.segmentByteCount(
          count: count, microBatchesPerWorker: microBatches, workersOnNode: node.count)
    }
  }
}
