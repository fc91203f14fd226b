import Communication
import NeuralNet
import SignLanguageMNIST

/// How one global batch is dealt out: the same for every batch of the same size.
package struct BatchLayout {
  /// Who sums which chunks.
  package let plan: SumPlan
  /// The samples of each worker, by position.
  package let counts: [Int]
  /// The samples of the whole batch.
  package let samples: Int

  /// A batch whose samples are cut into chunks first, and the chunks dealt out evenly: the same sums on any layout.
  package init(samples: Int, topology: Topology) {
    let size = DropoutMasks.samples
    plan = SumPlan(chunks: (samples + size - 1) / size, topology: topology)
    counts = plan.runs.map { min($0.upperBound * size, samples) - min($0.lowerBound * size, samples) }
    self.samples = samples
  }

  /// A batch to which each worker gives so many samples of its own; they are cut into chunks worker by worker.
  package init(counts: [Int], topology: Topology) {
    let size = DropoutMasks.samples
    var runs: [Range<Int>] = []
    for count in counts {
      let start = runs.last?.upperBound ?? 0
      runs.append(start..<start + (count + size - 1) / size)
    }
    plan = SumPlan(runs: runs, topology: topology)
    self.counts = counts
    samples = counts.reduce(0, +)
  }
}

/// Decides which rows a worker trains on in which step. A pass visits every training row once.
package protocol Sampler {
  /// The steps of a pass.
  var stepsPerPass: Int { get }
  /// The most chunks of a step for one worker.
  var chunksPerWorker: Int { get }
  /// Begins pass `pass`: draws its order.
  mutating func startPass(_ pass: Int)
  /// How step `step` of the pass is dealt out.
  func layout(step: Int) -> BatchLayout
  /// This worker's rows of step `step`, in the order of its chunks.
  func rows(step: Int) -> ArraySlice<Int32>
  /// Whether every worker can read every row.
  var sharesRows: Bool { get }
  /// The rows of chunk `chunk` of step `step`; one of this worker's own where it does not share rows.
  func rows(chunk: Int, step: Int) -> ArraySlice<Int32>
}

/// All rows in one permutation keyed by (seed, pass), or in the file's order; a batch is a run of consecutive positions.
package struct GlobalSampler: Sampler {
  private let seed: UInt64?
  private let batchSize: Int
  private let position: Int
  private let whole: BatchLayout
  private let last: BatchLayout
  private var order: RowOrder

  package let stepsPerPass: Int

  /// - Parameter seed: the permutation's key; nil for the file's order.
  package init(rows: Int, batchSize: Int, seed: UInt64?, topology: Topology, position: Int) {
    self.seed = seed
    self.batchSize = batchSize
    self.position = position
    stepsPerPass = (rows + batchSize - 1) / batchSize
    whole = BatchLayout(samples: min(batchSize, rows), topology: topology)
    last = BatchLayout(samples: rows - (stepsPerPass - 1) * batchSize, topology: topology)
    order = RowOrder(rows: 0..<rows)
  }

  package var chunksPerWorker: Int { whole.plan.runs.map(\.count).max() ?? 0 }

  package mutating func startPass(_ pass: Int) {
    guard let seed else { return }
    order.shuffle(seed: seed, epoch: pass)
  }

  package func layout(step: Int) -> BatchLayout { step + 1 == stepsPerPass ? last : whole }

  package func rows(step: Int) -> ArraySlice<Int32> {
    let layout = layout(step: step)
    let start = step * batchSize + layout.plan.runs[position].lowerBound * DropoutMasks.samples
    return order.rows[start..<start + layout.counts[position]]
  }

  package var sharesRows: Bool { true }

  package func rows(chunk: Int, step: Int) -> ArraySlice<Int32> {
    let start = chunk * DropoutMasks.samples
    let end = min(start + DropoutMasks.samples, layout(step: step).samples)
    return order.rows[step * batchSize + start..<step * batchSize + end]
  }
}

/// Each worker permutes the rows of its own shard, and spreads them evenly over the steps of a pass: all shards are used up
/// in the same number of steps, and the batches are of about the same size.
package struct ShardSampler: Sampler {
  private let seed: UInt64
  private let position: Int
  private let shardRows: [Int]
  private let topology: Topology
  private var order: RowOrder

  package let stepsPerPass: Int

  /// - Parameters:
  ///   - shard: this worker's training rows.
  ///   - shardRows: the number of training rows of every worker, by position.
  package init(
    shard: Range<Int>, shardRows: [Int], batchSize: Int, seed: UInt64, topology: Topology, position: Int
  ) {
    self.seed = seed
    self.position = position
    self.topology = topology
    self.shardRows = shardRows
    // The largest shard has a row for every step, so no batch is empty.
    stepsPerPass = min((shardRows.reduce(0, +) + batchSize - 1) / batchSize, shardRows.max() ?? 0)
    order = RowOrder(rows: shard)
  }

  package var chunksPerWorker: Int {
    let samples = shardRows.map { ($0 + stepsPerPass - 1) / stepsPerPass }.max() ?? 0
    return (samples + DropoutMasks.samples - 1) / DropoutMasks.samples
  }

  package mutating func startPass(_ pass: Int) {
    order.shuffle(seed: seed, epoch: pass, shard: position + 1)
  }

  package func layout(step: Int) -> BatchLayout {
    BatchLayout(counts: shardRows.indices.map { range($0, step: step).count }, topology: topology)
  }

  package func rows(step: Int) -> ArraySlice<Int32> { order.rows[range(position, step: step)] }

  package var sharesRows: Bool { false }

  package func rows(chunk: Int, step: Int) -> ArraySlice<Int32> {
    let rows = rows(step: step)
    let before = (chunk - layout(step: step).plan.runs[position].lowerBound) * DropoutMasks.samples
    return rows.dropFirst(before).prefix(DropoutMasks.samples)
  }

  private func range(_ position: Int, step: Int) -> Range<Int> {
    let rows = shardRows[position]
    return rows * step / stepsPerPass..<rows * (step + 1) / stepsPerPass
  }
}
