import ModelFiles
import Optimizers
import Platform
import TestTags
import Testing
import Training

extension ResumeTests {
  /// A run with that optimizer, all of its vectors, and clipping.
  private static func configuration(of kind: OptimizerKind) -> TrainingConfiguration {
    configuration {
      $0.use(kind)
      if $0.momentum != nil { $0.momentum = 0.9 }
      if $0.nesterov != nil { $0.nesterov = true }
      if $0.centered != nil { $0.centered = true }
      $0.clipNorm = 0.5
      $0.weightDecay = 0.01
      $0.epochs = 2
    }
  }

  private static let vectors: [OptimizerKind: [String]] = [
    .sgd: ["sgd/momentum"], .rmsprop: ["rmsprop/velocity", "rmsprop/average_gradient", "rmsprop/momentum"],
    .adam: ["adam/moment1", "adam/moment2"], .adamw: ["adam/moment1", "adam/moment2"], .lion: ["lion/momentum"],
    .lamb: ["lamb/moment1", "lamb/moment2"],
  ]

  @Test(arguments: OptimizerKind.allCases)
  func `A run with any optimizer resumes on another layout, and needs all of its state`(_ kind: OptimizerKind) throws {
    let configuration = Self.configuration(of: kind)
    let whole = try train(configuration, workers: 1)
    guard case .stopped(_, let checkpoint) = try train(configuration, workers: 3, nodes: [2, 1], stopAfter: 17) else {
      Issue.record("not stopped")
      return
    }
    let names = try #require(Self.vectors[kind])
    #expect(checkpoint.vectors.map(\.name) == ["parameters"] + names + ["best"])
    #expect(try train(configuration, workers: 5, from: checkpoint) == whole)
    for name in names {
      var changed = checkpoint
      let index = try #require(checkpoint.vectors.firstIndex { $0.name == name })
      changed.vectors[index].values = checkpoint.vectors[index].values.map { $0 * 1.25 }
      #expect(try train(configuration, workers: 2, from: changed) != whole, "\(name)")
    }
  }

  @Test func `A reduced learning rate survives`() throws {
    // At this rate hardly anything improves by so much.
    let configuration = Self.configuration {
      $0.schedule = .plateau
      $0.plateauPatience = 1
      $0.plateauMinDelta = 0.5
      $0.plateauFactor = 0.5
      $0.epochs = 4
    }
    let whole = try train(configuration, workers: 2)
    guard case .finished(let trace) = whole else { return }
    let rates = trace.epochs.map { $0.split(separator: " ").dropLast(2).last.flatMap { Double($0) } }
    #expect(rates == [0.001, 0.001, 0.0005, 0.00025])
    for stop in [30, 37, 50] {
      guard case .stopped(_, let checkpoint) = try train(configuration, workers: 1, stopAfter: stop) else {
        Issue.record("not stopped")
        return
      }
      #expect(try train(configuration, workers: 3, from: checkpoint) == whole)
      let state = try TrainingState(checkpoint)
      #expect(try state.continued(by: configuration, in: "run").log.plateau == state.log.plateau)
      var other = checkpoint
      other.state = other.state.replacing("\"rate\":0.000", with: "\"rate\":0.001")
      #expect(throws: CheckpointError.self) { try TrainingState(other).continued(by: configuration, in: "run") }
    }
  }

  @Test func `A run whose time is over resumes with the same bits`() throws {
    let configuration = Self.configuration()
    let whole = try train(configuration, workers: 1)
    var checkpoint: Checkpoint?
    // Each of these runs takes one step, until one has all the time that it needs.
    for step in 1...3 {
      let (outcome, next) = try trainOvertime(configuration, workers: step, from: checkpoint)
      #expect(outcome.isOvertime && outcome.bestEpoch == 0 && outcome.epochs == 0)
      let state = try TrainingState(next)
      #expect(state.position.stepsTaken == step)
      #expect(state.vectors[0].values == outcome.parameters)
      checkpoint = next
    }
    #expect(try train(configuration, workers: 2, from: checkpoint) == whole)
  }
}
