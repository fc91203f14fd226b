import Communication
import TestTags
import Testing
import Training

/// Every training row is visited once per data epoch, and with a global order the same rows are in the same micro-batches on any layout.
@Suite("Every row is visited once per data epoch, in the same micro-batches on any layout", .tags(.pure))
struct SamplerTests {
  private func microBatches(rows: Int, batchSize: Int, seed: UInt64?, workers: Int, dataEpoch: Int) -> [[[Int32]]] {
    let topology = Topology(keys: Array(repeating: 0, count: workers))
    var samplers = (0..<workers).map {
      GlobalSampler(rows: rows, batchSize: batchSize, seed: seed, topology: topology, workerIndex: $0)
    }
    for i in samplers.indices {
      // An earlier data epoch must not matter.
      samplers[i].startDataEpoch(7)
      samplers[i].startDataEpoch(dataEpoch)
    }
    return (0..<samplers[0].stepsPerDataEpoch).map { step in
      samplers.flatMap { sampler in
        let rows = Array(sampler.rows(step: step))
        return stride(from: 0, to: rows.count, by: 8).map { Array(rows[$0..<min($0 + 8, rows.count)]) }
      }
    }
  }

  @Test(arguments: [1, 7, 8, 32, 33, 100, 255], [1, 8, 31, 32, 100, 1000])
  func `The micro-batches do not depend on the workers`(_ rows: Int, _ batchSize: Int) {
    let alone = microBatches(rows: rows, batchSize: batchSize, seed: 3, workers: 1, dataEpoch: 2)
    #expect(alone.joined().joined().sorted() == (0..<Int32(rows)).map { $0 })
    for workers in [2, 3, 4, 7, 8] {
      #expect(
        microBatches(rows: rows, batchSize: batchSize, seed: 3, workers: workers, dataEpoch: 2) == alone, "\(workers)")
    }
  }

  @Test func `Data epochs and seeds have orders of their own, and no seed means the file's order`() {
    let order = { (seed: UInt64?, dataEpoch: Int) in
      Array(microBatches(rows: 100, batchSize: 32, seed: seed, workers: 1, dataEpoch: dataEpoch).joined().joined())
    }
    #expect(order(1, 0) != order(1, 1))
    #expect(order(1, 0) != order(2, 0))
    #expect(order(nil, 0) == (0..<100).map { Int32($0) })
    #expect(order(nil, 1) == order(nil, 0))
  }

  @Test(arguments: [1, 2, 3, 7])
  func `Each worker visits its shard once per data epoch`(_ workers: Int) {
    let topology = Topology(keys: Array(repeating: 0, count: workers))
    let bounds = (0...workers).map { $0 * $0 * 100 / (workers * workers) }
    let shards = (0..<workers).map { bounds[$0]..<bounds[$0 + 1] }
    for (index, shard) in shards.enumerated() {
      var sampler = ShardSampler(
        shard: shard, shardRows: shards.map(\.count), batchSize: 32, seed: 1, topology: topology, workerIndex: index)
      sampler.startDataEpoch(0)
      #expect(sampler.stepsPerDataEpoch == 4)
      var visited: [Int32] = []
      for step in 0..<sampler.stepsPerDataEpoch {
        let plan = sampler.plan(step: step)
        let rows = sampler.rows(step: step)
        #expect(rows.count == plan.counts[index])
        #expect(plan.counts.reduce(0, +) == plan.samples)
        #expect(plan.reduction.runs[index].count == (rows.count + 7) / 8)
        #expect(rows.count <= 8 * sampler.microBatchesPerWorker)
        #expect((25 - workers...25 + workers).contains(plan.samples))
        visited += rows
      }
      #expect(visited.sorted() == shard.map { Int32($0) })
    }
  }

  @Test func `No batch of shards is empty, however few rows there are`() {
    let topology = Topology(keys: [0, 0, 0])
    for shardRows in [[1, 1, 1], [0, 1, 0], [0, 5, 2], [3, 0, 0]] {
      let sampler = ShardSampler(
        shard: 0..<shardRows[0], shardRows: shardRows, batchSize: 1, seed: 1, topology: topology, workerIndex: 0)
      let samples = (0..<sampler.stepsPerDataEpoch).map { sampler.plan(step: $0).samples }
      #expect(samples.allSatisfy { $0 > 0 }, "\(shardRows)")
      #expect(samples.reduce(0, +) == shardRows.reduce(0, +), "\(shardRows)")
    }
  }
}
