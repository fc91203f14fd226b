import Communication
import Datasets
import NeuralNet
import Platform
import Reduction
import TestTags
import Testing
import Training

/// Which micro-batches are computed twice.
@Suite("Micro-batches are computed twice by another worker", .tags(.pure))
struct RecomputationPlanTests {
  private static func topology(_ nodes: [Int]) -> Topology {
    Topology(keys: nodes.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) })
  }

  private static func plans(_ nodes: [Int], microBatches: Int, share: Double) -> (ReductionPlan, RecomputationPlan) {
    let topology = topology(nodes)
    return (
      ReductionPlan(microBatches: microBatches, topology: topology),
      RecomputationPlan(share: share, seed: 3, sharesRows: true, topology: topology)
    )
  }

  @Test(arguments: [[1], [2], [3], [8], [1, 1], [2, 2], [3, 1], [1, 1, 1, 1]], [1, 4, 5, 13])
  func `A share of 1 is every micro-batch, once, by another worker`(_ nodes: [Int], _ microBatches: Int) {
    let (sums, plan) = Self.plans(nodes, microBatches: microBatches, share: 1)
    for step in 0..<5 {
      let rounds = plan.rounds(sums, dataEpoch: 2, step: step)
      let checks = plan.checks(sums, rounds: rounds, dataEpoch: 2, step: step)
      #expect(checks.map(\.microBatch).sorted() == Array(0..<microBatches))
      let active = sums.runs.filter { !$0.isEmpty }.count
      for check in checks {
        #expect(sums.runs[check.owner].contains(check.microBatch))
        #expect(!sums.runs[check.checker].isEmpty)
        #expect((check.owner == check.checker) == (active == 1))
      }
    }
  }

  @Test(arguments: [[1, 1], [2, 2], [2, 2, 2]])
  func `Where hosts have equally many workers, the other one is on another host`(_ nodes: [Int]) {
    let workers = nodes.reduce(0, +)
    let (sums, plan) = Self.plans(nodes, microBatches: 2 * workers, share: 1)
    let topology = Self.topology(nodes)
    for step in 0..<20 {
      for check in plan.checks(sums, rounds: 2, dataEpoch: 0, step: step) {
        #expect(topology.nodeOfRank[topology.order[check.owner]] != topology.nodeOfRank[topology.order[check.checker]])
      }
    }
  }

  @Test(arguments: [[1], [2], [3, 1]], [0.005, 0.1, 0.6])
  func `The micro-batches computed twice are the share that was asked for`(_ nodes: [Int], _ share: Double) {
    let (sums, plan) = Self.plans(nodes, microBatches: 4, share: share)
    let steps = 40000
    let checks = (0..<steps).map { plan.rounds(sums, dataEpoch: 1, step: $0) * sums.runs.filter { !$0.isEmpty }.count }
    let found = Double(checks.reduce(0, +)) / Double(4 * steps)
    #expect(abs(found - share) < 0.1 * share + 0.001)
  }

  @Test func `A share of 0 is nothing`() {
    let (sums, plan) = Self.plans([3], microBatches: 9, share: 0)
    #expect((0..<1000).allSatisfy { plan.rounds(sums, dataEpoch: 0, step: $0) == 0 })
  }

  @Test func `The minority of a vote is named, and a tie names all`() {
    #expect(Vote([5, 5, 5]).losers == [])
    #expect(Vote([4, 5, 5]).losers == [0])
    #expect(Vote([5, 4, 5, 3, 5]).losers == [1, 3])
    #expect(Vote([4, 5]).losers == [0, 1])
    #expect(Vote([4, 5]).winner == nil)
    #expect(Vote([4, 4, 5, 5]).losers == [0, 1, 2, 3])
  }
}

/// A micro-batch that a worker computes wrongly ends the run, before its gradient is used, with the name of the worker.
@Suite("A worker that computes wrongly is named", .tags(.threads))
struct GradientRecomputationTests {
  /// How a worker computes wrongly.
  enum Fault: Sendable { case once, always }

  /// What a run says in which one rank computes wrongly from the second step on; nil if it ends as if nothing was wrong.
  private static func failure(
    _ fault: Fault, rank: Int, nodes: [Int], share: Double = 1, change: (inout TrainingConfiguration) -> Void = { _ in }
  ) throws -> Failure? {
    var configuration = TrainingConfiguration()
    configuration.epochs = 1
    configuration.batchSize = 24
    change(&configuration)
    let settings = configuration
    let sources = DataSources(
      train: .synthetic(.train, rows: 96, seed: 1), test: .synthetic(.test, rows: 16, seed: 1))
    do {
      _ = try ThreadGroup.run(workers: nodes.reduce(0, +), nodes: nodes) { communicator in
        let trainer = try Trainer(settings, sources: sources, verifyShare: share, communicator)
        try trainer.begin(with: standard.initialParameters(seed: 1))
        var microBatches = 0
        if communicator.rank == rank {
          trainer.corrupt = { _, gradient in
            microBatches += 1
            guard microBatches == 7 || microBatches > 7 && fault == .always else { return }
            gradient[5000] = Float(bitPattern: gradient[5000].bitPattern ^ 1)
          }
        }
        _ = try trainer.run { _ in }
      }
      return nil
    } catch let failure as Failure {
      return failure
    } catch let failure as WorkerFailure {
      return failure.underlying as? Failure
    }
  }

  /// What is said of those who are wrong.
  private static func verdict(_ failure: Failure?) -> String {
    guard let failure, failure.failureKind == .software, failure.isCollective else {
      return "\(String(describing: failure))"
    }
    return failure.description.components(separatedBy: "is not the same: ").last ?? ""
  }

  @Test(arguments: [[3], [1, 1, 1], [2, 1]], [0, 1, 2])
  func `Of three workers the one that is always wrong is named`(_ nodes: [Int], _ rank: Int) throws {
    let text = Self.verdict(try Self.failure(.always, rank: rank, nodes: nodes))
    #expect(text.hasPrefix("3 of 5 computations agree, and those that do not are of rank \(rank) on "), "\(text)")
    for other in 0..<3 where other != rank { #expect(!text.contains("rank \(other) on"), "\(text)") }
  }

  @Test(arguments: [[2], [1, 1]], [0, 1])
  func `Of two workers the one that was wrong once is named`(_ nodes: [Int], _ rank: Int) throws {
    let text = Self.verdict(try Self.failure(.once, rank: rank, nodes: nodes))
    #expect(text.hasPrefix("3 of 4 computations agree, and those that do not are of rank \(rank) on "), "\(text)")
    #expect(!text.contains("rank \(1 - rank) on"), "\(text)")
  }

  @Test func `Of two workers that always differ both are suspects`() throws {
    let text = Self.verdict(try Self.failure(.always, rank: 1, nodes: [2]))
    #expect(text.hasPrefix("no majority of 4 computations says who is right; the suspects are "), "\(text)")
    #expect(text.contains("rank 0 on") && text.contains("rank 1 on"), "\(text)")
  }

  @Test func `One worker alone finds what it computes wrongly once`() throws {
    let text = Self.verdict(try Self.failure(.once, rank: 0, nodes: [1]))
    #expect(text.hasPrefix("2 of 3 computations agree, and those that do not are of rank 0 on "), "\(text)")
  }

  @Test func `A worker with rows of its own computes its own micro-batches again`() throws {
    let text = Self.verdict(try Self.failure(.once, rank: 1, nodes: [2]) { $0.shuffle = .shard })
    #expect(text.hasPrefix("2 of 3 computations agree, and those that do not are of rank 1 on "), "\(text)")
  }

  @Test func `The library's all-reduce is audited too`() throws {
    let text = Self.verdict(try Self.failure(.once, rank: 1, nodes: [2]) { $0.allReduce = .mpi })
    #expect(text.hasPrefix("3 of 4 computations agree, and those that do not are of rank 1 on "), "\(text)")
  }

  @Test func `The step, the micro-batch and what to do are named`() throws {
    let failure = try #require(try Self.failure(.always, rank: 1, nodes: [3]))
    for text in [
      "of step ", "the gradient of micro-batch ", "core ", "a fault of the hardware", "Nothing was saved yet",
    ] {
      #expect(failure.description.contains(text), "\(failure)")
    }
  }

  @Test func `Without a share nothing is computed twice`() throws {
    #expect(try Self.failure(.always, rank: 1, nodes: [3], share: 0) == nil)
  }
}
