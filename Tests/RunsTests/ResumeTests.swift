import Communication
import Datasets
import ModelFiles
import NeuralNet
import Platform
import Runs
import Synchronization
import TestTags
import Testing
import Training
import TrainingFixtures

/// A run that is interrupted anywhere and resumed, on any number of workers, ends as if nothing had happened.
@Suite("A run that is interrupted and resumed ends with the same bits", .tags(.threads, .bits, .slow))
struct ResumeTests {
  /// What a run leaves: the records without their seconds, and the best parameters.
  struct Trace: Equatable, Sendable {
    var epochs: [String]
    var parameters: [UInt32]
    var bestEpoch: Int

    init(_ records: [EpochRecord], _ outcome: TrainingOutcome) {
      epochs = records.map {
        "\($0.epoch) \($0.training) \($0.validation) \($0.learningRate) \($0.parametersSHA256) \($0.isBest)"
      }
      parameters = outcome.parameters.map(\.bitPattern)
      bestEpoch = outcome.bestEpoch
    }
  }

  enum End: Equatable {
    case finished(Trace)
    case stopped(at: Int, Checkpoint)
  }

  private static let version = "test"

  /// Two epochs of 14 steps and one of less, of the 19 that a data epoch has: epochs end inside data epochs.
  static func configuration(
    _ change: (inout TrainingConfiguration) -> Void = { _ in }
  ) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.epochs = 3
    configuration.batchSize = 32
    configuration.stepsPerEpoch = 14
    change(&configuration)
    return configuration
  }

  var sources = DataSources(
    train: .synthetic(.train, rows: 600, seed: 1), test: .synthetic(.test, rows: 33, seed: 1))

  private func identity(_ configuration: TrainingConfiguration, workers: Int = 1) throws -> RunIdentity {
    try RunIdentity(configuration, initialParameters: nil, workers: workers).with(
      training: DataDescription(source: "train", sha256: nil), validation: nil)
  }

  /// Trains from a checkpoint or from the beginning, until step `stop` or the end; checkpoints travel as bytes.
  func train(
    _ configuration: TrainingConfiguration, workers: Int, nodes: [Int]? = nil, from checkpoint: Checkpoint? = nil,
    stopAfter stop: Int? = nil
  ) throws -> End {
    let identity = try identity(configuration)
    let bytes = checkpoint?.encoded()
    let found = Mutex<(records: [EpochRecord], state: Checkpoint?, step: Int)>(([], nil, 0))
    let flag = StopFlag()
    do {
      let outcomes = try ThreadGroup.run(workers: workers, nodes: nodes) { [sources] communicator in
        let trainer = try Trainer(configuration, sources: sources, communicator)
        try trainer.begin(with: configuration.architecture.initialParameters(seed: configuration.seed))
        let state = try bytes.map { try TrainingState(Checkpoint(bytes: $0)) }
        try trainer.restore(communicator.rank == 0 ? state : nil)
        found.withLock { $0.records = state?.log.epochs ?? [] }
        return try trainer.run(checkpoints: CheckpointPolicy(stop: flag)) { event in
          switch event {
          case .stepped(let progress):
            let step = (progress.epoch - 1) * progress.steps + progress.step
            // Raised after step `stop - 1`, the flag rides in step `stop`.
            if stop == step + 1 { flag.raise(15) }
          case .epochEnded(let record): found.withLock { $0.records.append(record) }
          case .checkpoint(let state):
            let checkpoint = try state.checkpoint(
              of: identity, configuration.architecture, programVersion: Self.version)
            found.withLock { $0.state = checkpoint }
            found.withLock { $0.step = state.position.stepsTaken }
          default: break
          }
        }
      }
      return .finished(Trace(found.withLock { $0.records }, outcomes[0]))
    } catch let failure as WorkerFailure {
      guard let stopped = failure.underlying as? TrainingInterrupted else { throw failure }
      #expect(stopped.signal == 15)
      let (state, step) = found.withLock { ($0.state, $0.step) }
      #expect(stopped.position.stepsTaken == step)
      return .stopped(at: step, try #require(state))
    }
  }

  /// Trains for the step in which a run ends whose time was over before it.
  func trainOvertime(
    _ configuration: TrainingConfiguration, workers: Int, from checkpoint: Checkpoint?
  ) throws -> (TrainingOutcome, Checkpoint) {
    let identity = try identity(configuration)
    let bytes = checkpoint?.encoded()
    let kept = Mutex<(Checkpoint?, told: Bool)>((nil, false))
    let outcomes = try ThreadGroup.run(workers: workers) { [sources] communicator in
      let trainer = try Trainer(configuration, sources: sources, communicator)
      try trainer.begin(with: standard.initialParameters(seed: configuration.seed))
      let state = try bytes.map { try TrainingState(Checkpoint(bytes: $0)) }
      try trainer.restore(communicator.rank == 0 ? state : nil)
      return try trainer.run(checkpoints: CheckpointPolicy(deadline: .now)) { event in
        switch event {
        case .checkpoint(let state):
          let checkpoint = try state.checkpoint(of: identity, standard, programVersion: Self.version)
          kept.withLock { $0.0 = checkpoint }
        case .timeIsOver: kept.withLock { $0.told = true }
        default: break
        }
      }
    }
    #expect(kept.withLock { $0.told })
    return (outcomes[0], try #require(kept.withLock { $0.0 }))
  }

  @Test(arguments: [2, 3, 9, 13, 14, 15, 20, 28, 29, 41])
  func `A stopped run resumes with the same bits on another number of workers`(_ stop: Int) throws {
    let configuration = Self.configuration()
    let whole = try train(configuration, workers: 1)
    guard case .stopped(let step, let checkpoint) = try train(configuration, workers: stop % 3 + 1, stopAfter: stop)
    else {
      Issue.record("not stopped")
      return
    }
    // What is asked for when an epoch's last step is over is heard at the epoch's end.
    #expect(step == ((stop - 1) % 14 == 0 ? stop - 1 : stop))
    #expect(try train(configuration, workers: (stop + 1) % 4 + 1, from: checkpoint) == whole)
  }

  @Test func `Many interruptions, on many layouts, make no difference`() throws {
    let configuration = Self.configuration { $0.epochs = 2 }
    let whole = try train(configuration, workers: 2)
    var checkpoint: Checkpoint?
    let layouts: [[Int]] = [[1], [2, 1], [3], [1, 1, 1], [4], [2], [5]]
    for (layout, stop) in zip(layouts, [4, 6, 11, 14, 17, 22, 26]) {
      let end = try train(
        configuration, workers: layout.reduce(0, +), nodes: layout, from: checkpoint, stopAfter: stop)
      guard case .stopped(let step, let next) = end else {
        Issue.record("not stopped at \(stop)")
        return
      }
      // Among five workers, rank 0 has no micro-batch of four: its flag rides with whoever reads it in time.
      #expect(step == stop || layout == [5] && step == stop + 1)
      checkpoint = next
    }
    #expect(try train(configuration, workers: 3, from: checkpoint) == whole)
  }

  @Test(arguments: [TrainingConfiguration.Shuffle.none, .shard], [TrainingConfiguration.AllReduce.reproducible, .mpi])
  func `Other row orders and the library's all-reduce resume as well`(
    _ shuffle: TrainingConfiguration.Shuffle, _ sum: TrainingConfiguration.AllReduce
  ) throws {
    let configuration = Self.configuration {
      $0.shuffle = shuffle
      $0.allReduce = sum
      $0.epochs = 2
    }
    let whole = try train(configuration, workers: 2)
    guard case .stopped(_, let checkpoint) = try train(configuration, workers: 2, stopAfter: 16) else {
      Issue.record("not stopped")
      return
    }
    #expect(try train(configuration, workers: 2, from: checkpoint) == whole)
  }

  @Test(arguments: [3, 7, 9, 13])
  func `A run with every option on resumes on other nodes`(_ stop: Int) throws {
    let configuration = TrainingConfiguration.everything
    let whole = try train(configuration, workers: 1)
    guard case .stopped(_, let checkpoint) = try train(configuration, workers: 3, nodes: [2, 1], stopAfter: stop) else {
      Issue.record("not stopped")
      return
    }
    #expect(checkpoint.vectors.map(\.name).contains("average"))
    #expect(try train(configuration, workers: 2, from: checkpoint) == whole)
    // The average is needed for that.
    var changed = checkpoint
    let index = try #require(checkpoint.vectors.firstIndex { $0.name == "average" })
    changed.vectors[index].values = checkpoint.vectors[index].values.map { $0 * 1.0001 }
    #expect(try train(configuration, workers: 2, from: changed) != whole)
  }

  @Test func `Without the moments, a run does not resume with the same bits`() throws {
    let configuration = Self.configuration { $0.epochs = 1 }
    let whole = try train(configuration, workers: 1)
    guard case .stopped(_, var checkpoint) = try train(configuration, workers: 1, stopAfter: 5) else {
      Issue.record("not stopped")
      return
    }
    let index = try #require(checkpoint.vectors.firstIndex { $0.name == "adam/moment2" })
    let moment = checkpoint.vectors[index].values
    checkpoint.vectors[index].values = moment.map { $0 * 1.0001 }
    #expect(try train(configuration, workers: 1, from: checkpoint) != whole)
    checkpoint.vectors[index].values = moment
    #expect(try train(configuration, workers: 1, from: checkpoint) == whole)
    checkpoint.vectors.remove(at: index)
    #expect(throws: WorkerFailure.self) { try train(configuration, workers: 2, from: checkpoint) }
  }

  @Test func `Early stopping and the best weights survive, and a run that is over stays over`() throws {
    // At this rate the loss is soon worse, so that training stops early.
    let configuration = Self.configuration {
      $0.learningRate = 0.5
      $0.patience = 2
      $0.epochs = 8
    }
    let whole = try train(configuration, workers: 2)
    guard case .finished(let trace) = whole else { return }
    #expect(trace.epochs.count < 8)
    let last = trace.epochs.count * 14
    for stop in [last - 15, last - 3] {
      guard case .stopped(_, let checkpoint) = try train(configuration, workers: 1, stopAfter: stop) else {
        Issue.record("not stopped")
        return
      }
      #expect(try train(configuration, workers: 2, from: checkpoint) == whole)
    }
  }

  @Test func `A signal before the first step ends the run, and one in its last epoch's end does not`() throws {
    let flag = StopFlag()
    flag.raise(10)
    let error = #expect(throws: WorkerFailure.self) {
      try ThreadGroup.run(workers: 2) { [sources] communicator in
        let trainer = try Trainer(Self.configuration(), sources: sources, communicator)
        try trainer.begin(with: standard.initialParameters(seed: 1))
        _ = try trainer.run(checkpoints: CheckpointPolicy(stop: flag)) { _ in }
      }
    }
    #expect((error?.underlying as? TrainingInterrupted)?.position.stepsTaken == 0)
    guard case .finished = try train(Self.configuration { $0.epochs = 1 }, workers: 2, stopAfter: 14) else {
      Issue.record("the run was over and did not end so")
      return
    }
  }

  @Test func `A state survives its checkpoint, infinities and not-a-numbers included`() throws {
    let configuration = Self.configuration { $0.epochs = 2 }
    guard case .stopped(_, let checkpoint) = try train(configuration, workers: 1, stopAfter: 20) else { return }
    let state = try TrainingState(checkpoint)
    #expect([state.position.stepsTaken, state.position.epoch, state.position.epochStep] == [20, 2, 6])
    #expect([state.position.dataEpoch, state.position.dataEpochStep, state.log.epochs.count] == [1, 1, 1])
    #expect(try state.checkpoint(of: identity(configuration), standard, programVersion: Self.version) == checkpoint)
    for (value, isPossible) in [("\"inf\"", true), ("\"-inf\"", true), ("[]", false)] {
      var changed = checkpoint
      changed.state = changed.state.replacing(/"seconds":[0-9.e-]+/, with: "\"seconds\":\(value)")
      if isPossible {
        #expect(
          try TrainingState(changed).checkpoint(of: identity(configuration), standard, programVersion: Self.version)
            == changed)
      } else {
        #expect(throws: CheckpointError.self) { try TrainingState(changed) }
      }
    }
    let most = "\(Int.max)"
    for (old, new) in [
      ("\"epoch\":2", "\"epoch\":3"), ("\"dataEpoch\":1", "\"dataEpoch\":-1"), ("\"dataEpochStep\"", "\"x\""),
      ("\"stepsTaken\":20", "\"stepsTaken\":\(most)"),
      ("\"dataEpoch\":1", "\"dataEpoch\":\(most)"), ("\"dataEpoch\":1", "\"dataEpoch\":2"),
      ("\"epochStep\":6", "\"epochStep\":\(most)"), ("\"wait\":0", "\"wait\":\(most)"), ("\"wait\":0", "\"wait\":1"),
      ("\"isOver\":false", "\"isOver\":true"), ("\"isBest\":true", "\"isBest\":false"),
    ] {
      var changed = checkpoint
      changed.state = changed.state.replacing(old, with: new)
      #expect(changed.state != checkpoint.state)
      #expect(throws: CheckpointError.self, "\(new)") { try TrainingState(changed) }
    }
  }

  @Test func `An identity names what differs`() throws {
    let mine = try identity(Self.configuration())
    #expect(mine.differences(from: try identity(Self.configuration(), workers: 4)).isEmpty)
    let other = try identity(
      Self.configuration {
        $0.batchSize = 64
        $0.validationSplit = 0.25
        $0.shuffle = .shard
      }, workers: 4)
    let differences = mine.differences(from: other).map {
      "\($0.name) \($0.ofRun ?? "-") \($0.here ?? "-") \($0.isData)"
    }
    #expect(
      differences == [
        "batchSize 32 64 false",
        "shuffle global shard false",
        "validationSplit - 0.25 false",
      ])
  }

  @Test func `How long a run lasts is no part of its identity, unless its rates depend on it`() throws {
    func names(_ schedule: TrainingConfiguration.Schedule, then other: TrainingConfiguration.Schedule? = nil) throws
      -> [String]
    {
      let mine = try identity(Self.configuration { $0.schedule = schedule })
      let longer = try identity(
        Self.configuration {
          $0.schedule = other ?? schedule
          $0.epochs = 9
          $0.patience = nil
        })
      return mine.differences(from: longer).map(\.name)
    }
    #expect(try names(.constant) == [])
    #expect(try names(.step) == [])
    #expect(try names(.cosine) == ["epochs"])
    #expect(try names(.cosine, then: .constant) == ["epochs", "schedule"])
    #expect(try names(.constant, then: .cosine) == ["epochs", "schedule"])
  }
}
