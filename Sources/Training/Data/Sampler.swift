import Communication
import Kernels
import Datasets
import Reduction

/// How one global batch is dealt out: the same for every batch of the same size.
package struct BatchPlan {
  /// Who sums which micro-batches.
  package let reduction: ReductionPlan
  /// The samples of each worker, by worker index.
  package let counts: [Int]
  /// The samples of the whole batch.
  package let samples: Int

  /// A batch whose samples are cut into micro-batches first, and the micro-batches dealt out evenly: the same sums on any layout.
  package init(samples: Int, topology: Topology) {
    let size = MicroBatch.size
    reduction = ReductionPlan(microBatches: (samples + size - 1) / size, topology: topology)
    counts = reduction.runs.map { min($0.upperBound * size, samples) - min($0.lowerBound * size, samples) }
    self.samples = samples
  }

  /// A batch to which each worker gives these many samples of its own; they are cut into micro-batches worker by worker.
  package init(counts: [Int], topology: Topology) {
    let size = MicroBatch.size
    var runs: [Range<Int>] = []
    for count in counts {
      let start = runs.last?.upperBound ?? 0
      runs.append(start..<start + (count + size - 1) / size)
    }
    reduction = ReductionPlan(runs: runs, topology: topology)
    self.counts = counts
    samples = counts.reduce(0, +)
  }
}

/// Decides which rows a worker trains on in which step. A data epoch visits every training row once.
package protocol Sampler {
  /// The steps of a data epoch.
  var stepsPerDataEpoch: Int { get }
  /// The most micro-batches of a step for one worker.
  var microBatchesPerWorker: Int { get }
  /// Begins data epoch `dataEpoch`: draws its order.
  mutating func startDataEpoch(_ dataEpoch: Int)
  /// How the batch of step `step` of the data epoch is dealt out.
  func plan(step: Int) -> BatchPlan
  /// This worker's rows of step `step`, in the order of its micro-batches.
  func rows(step: Int) -> ArraySlice<Int32>
  /// Whether every worker can read every row.
  var sharesRows: Bool { get }
  /// The rows of micro-batch `microBatch` of step `step`; one of this worker's own where it does not share rows.
  func rows(microBatch: Int, step: Int) -> ArraySlice<Int32>
}

/// All rows in one permutation seeded by (seed, data epoch), or in the file's order; a batch is a run of consecutive places in it.
package struct GlobalSampler: Sampler {
  private let seed: UInt64?
  private let batchSize: Int
  private let workerIndex: Int
  private let whole: BatchPlan
  private let last: BatchPlan
  private var order: RowOrder

  package let stepsPerDataEpoch: Int

  /// - Parameter seed: the seed of the permutation; nil for the file's order.
  package init(rows: Int, batchSize: Int, seed: UInt64?, topology: Topology, workerIndex: Int) {
    self.seed = seed
    self.batchSize = batchSize
    self.workerIndex = workerIndex
    stepsPerDataEpoch = (rows + batchSize - 1) / batchSize
    whole = BatchPlan(samples: min(batchSize, rows), topology: topology)
    last = BatchPlan(samples: rows - (stepsPerDataEpoch - 1) * batchSize, topology: topology)
    order = RowOrder(rows: 0..<rows)
  }

  package var microBatchesPerWorker: Int { whole.reduction.runs.map(\.count).max() ?? 0 }

  package mutating func startDataEpoch(_ dataEpoch: Int) {
    guard let seed else { return }
    order.shuffle(seed: seed, epoch: dataEpoch)
  }

  package func plan(step: Int) -> BatchPlan { step + 1 == stepsPerDataEpoch ? last : whole }

  package func rows(step: Int) -> ArraySlice<Int32> {
    let plan = plan(step: step)
    let start = step * batchSize + plan.reduction.runs[workerIndex].lowerBound * MicroBatch.size
    return order.rows[start..<start + plan.counts[workerIndex]]
  }

  package var sharesRows: Bool { true }

  package func rows(microBatch: Int, step: Int) -> ArraySlice<Int32> {
    let start = microBatch * MicroBatch.size
    let end = min(start + MicroBatch.size, plan(step: step).samples)
    return order.rows[step * batchSize + start..<step * batchSize + end]
  }
}

/// Each worker permutes the rows of its own shard, and spreads them evenly over the steps of a data epoch: all shards are used up
/// in the same number of steps, and the batches are of about the same size.
package struct ShardSampler: Sampler {
  private let seed: UInt64
  private let workerIndex: Int
  private let shardRows: [Int]
  private let topology: Topology
  private var order: RowOrder

  package let stepsPerDataEpoch: Int

  /// - Parameters:
  ///   - shard: this worker's training rows.
  ///   - shardRows: the number of training rows of every worker, by worker index.
  package init(
    shard: Range<Int>, shardRows: [Int], batchSize: Int, seed: UInt64, topology: Topology, workerIndex: Int
  ) {
    self.seed = seed
    self.workerIndex = workerIndex
    self.topology = topology
    self.shardRows = shardRows
    // The largest shard has a row for every step, so no batch is empty.
    stepsPerDataEpoch = min((shardRows.reduce(0, +) + batchSize - 1) / batchSize, shardRows.max() ?? 0)
    order = RowOrder(rows: shard)
  }

  package var microBatchesPerWorker: Int {
    let samples = shardRows.map { ($0 + stepsPerDataEpoch - 1) / stepsPerDataEpoch }.max() ?? 0
    return (samples + MicroBatch.size - 1) / MicroBatch.size
  }

  package mutating func startDataEpoch(_ dataEpoch: Int) {
    order.shuffle(seed: seed, epoch: dataEpoch, shard: workerIndex + 1)
  }

  package func plan(step: Int) -> BatchPlan {
    BatchPlan(counts: shardRows.indices.map { range($0, step: step).count }, topology: topology)
  }

  package func rows(step: Int) -> ArraySlice<Int32> { order.rows[range(workerIndex, step: step)] }

  package var sharesRows: Bool { false }

  package func rows(microBatch: Int, step: Int) -> ArraySlice<Int32> {
    let rows = rows(step: step)
    let before = (microBatch - plan(step: step).reduction.runs[workerIndex].lowerBound) * MicroBatch.size
    return rows.dropFirst(before).prefix(MicroBatch.size)
  }

  private func range(_ workerIndex: Int, step: Int) -> Range<Int> {
    let rows = shardRows[workerIndex]
    return rows * step / stepsPerDataEpoch..<rows * (step + 1) / stepsPerDataEpoch
  }
}
