import AllocationCounter
import Communication
import Datasets
import NeuralNet
import Optimizers
import Synchronization
import TestTags
import Testing
import Training
import TrainingFixtures

/// A training step allocates nothing once the first epoch has made its buffers, unless its micro-batches are computed twice.
@Suite("A training step allocates nothing", .tags(.threads))
struct AllocationTests {
  /// The allocations between consecutive steps of the second epoch, on rank 0's thread.
  private func allocationsPerStep(
    _ base: TrainingConfiguration = TrainingConfiguration(), workers: Int,
    inEveryStep extra: @escaping @Sendable () -> Void
  ) throws -> [Int] {
    var configuration = base
    configuration.epochs = 2
    configuration.stepsPerEpoch = 20
    let settings = configuration
    let sources = DataSources(
      train: .synthetic(.train, rows: 700, seed: 1), test: .synthetic(.test, rows: 16, seed: 1))
    return try ThreadGroup.run(workers: workers) { communicator in
      var counts: [Int] = []
      counts.reserveCapacity(100)
      let trainer = try Trainer(settings, sources: sources, verifyShare: 1e-9, communicator)
      try trainer.begin(with: standard.initialParameters(seed: 1))
      _ = try trainer.run { event in
        guard case .stepped(let progress) = event, progress.epoch == 2 else { return }
        extra()
        counts.append(allocation_count())
      }
      return zip(counts, counts.dropFirst()).map { $1 - $0 }
    }[0]
  }

  @Test(arguments: [1, 2, 3])
  func `A step allocates nothing`(_ workers: Int) throws {
    let counts = try allocationsPerStep(workers: workers) {}
    #expect(counts == Array(repeating: 0, count: 19))
  }

  @Test(arguments: [1, 2, 3])
  func `A step with every option on allocates nothing`(_ workers: Int) throws {
    var configuration = TrainingConfiguration.everything
    configuration.batchSize = 32
    let counts = try allocationsPerStep(configuration, workers: workers) {}
    #expect(counts == Array(repeating: 0, count: 19))
  }

  @Test(arguments: OptimizerKind.allCases)
  func `A step of any optimizer allocates nothing`(_ kind: OptimizerKind) throws {
    var configuration = TrainingConfiguration()
    configuration.use(kind)
    configuration.clipNorm = 0.25
    configuration.batchSize = 32
    let counts = try allocationsPerStep(configuration, workers: 3) {}
    #expect(counts == Array(repeating: 0, count: 19))
  }

  @Test func `An allocation is noticed`() throws {
    let kept = Mutex<[[Int]]>([])
    let counts = try allocationsPerStep(workers: 1) {
      kept.withLock { $0.append(Array(repeating: 1, count: 100)) }
    }
    #expect(counts.count == 19)
    #expect(counts.allSatisfy { $0 >= 1 })
  }
}
