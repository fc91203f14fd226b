import Communication
import Datasets
import NeuralNet
import Optimizers
import TestTags
import Testing
import Training

@Suite("Training with every optimizer gives the same bits on any layout", .tags(.threads, .bits, .slow))
struct OptimizerRunTests {
  private static let sources = DataSources(
    train: .synthetic(.train, rows: 200, seed: 1), test: .synthetic(.test, rows: 33, seed: 1))

  /// A run of 9 steps with that optimizer and all that it can have.
  private static func configuration(_ kind: OptimizerKind, clipNorm: Double = 0.25) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.use(kind)
    if configuration.momentum != nil { configuration.momentum = 0.5 }
    if configuration.nesterov != nil { configuration.nesterov = true }
    if configuration.centered != nil { configuration.centered = true }
    (configuration.epochs, configuration.batchSize, configuration.stepsPerEpoch) = (2, 44, 5)
    (configuration.clipNorm, configuration.ema) = (clipNorm, 0.5)
    return configuration
  }

  private static func train(_ configuration: TrainingConfiguration, nodes: [Int] = [1]) throws -> [String] {
    try ThreadGroup.run(workers: nodes.reduce(0, +), nodes: nodes) { communicator in
      var lines: [String] = []
      let trainer = try Trainer(configuration, sources: sources, communicator)
      try trainer.begin(with: standard.initialParameters(seed: 1))
      _ = try trainer.run { event in
        guard case .epochEnded(let record) = event else { return }
        lines.append("\(record.training) \(record.validation) \(record.learningRate) \(record.parametersSHA256)")
      }
      return lines
    }[0]
  }

  @Test(arguments: OptimizerKind.allCases, [0, 0.25])
  func `Any layout gives the same bits`(_ kind: OptimizerKind, _ clipNorm: Double) throws {
    let configuration = Self.configuration(kind, clipNorm: clipNorm)
    let expected = try Self.train(configuration)
    for nodes in [[2], [3], [5], [2, 1], [1, 1, 1, 1, 1]] {
      #expect(try Self.train(configuration, nodes: nodes) == expected, "\(nodes)")
    }
  }

  @Test func `Every optimizer and each of its options changes the result`() throws {
    var results: [[String]: String] = [:]
    func add(_ name: String, _ configuration: TrainingConfiguration) throws {
      let lines = try Self.train(configuration)
      #expect(results[lines] == nil, "\(name) is \(results[lines] ?? "")")
      results[lines] = name
    }
    for kind in OptimizerKind.allCases {
      let configuration = Self.configuration(kind)
      try add("\(kind)", configuration)
      let changes: [(String, (inout TrainingConfiguration) -> Void, OptimizerHyperparameters)] = [
        ("momentum", { $0.momentum = 0 }, kind.defaults), ("nesterov", { $0.nesterov = false }, kind.defaults),
        ("rho", { $0.rho = 0.5 }, kind.defaults), ("centered", { $0.centered = false }, kind.defaults),
        ("beta1", { $0.beta1 = 0.5 }, kind.defaults), ("beta2", { $0.beta2 = 0.5 }, kind.defaults),
        ("epsilon", { $0.epsilon = 1e-3 }, kind.defaults), ("decay", { $0.weightDecay += 0.5 }, kind.defaults),
      ]
      for (name, change, defaults) in changes where Self.has(defaults, name) {
        var changed = configuration
        change(&changed)
        try add("\(kind) \(name)", changed)
      }
    }
    #expect(results.count == 6 + 3 + 5 + 4 + 4 + 3 + 4)
  }

  private static func has(_ values: OptimizerHyperparameters, _ name: String) -> Bool {
    switch name {
    case "momentum": values.momentum != nil
    case "nesterov": values.nesterov != nil
    case "rho": values.rho != nil
    case "centered": values.centered != nil
    case "beta1": values.beta1 != nil
    case "beta2": values.beta2 != nil
    case "epsilon": values.epsilon != nil
    default: true
    }
  }

  /// A rate at which the first steps overflow, whatever the optimizer makes of the gradient.
  @Test(arguments: OptimizerKind.allCases)
  func `What is not finite ends the run`(_ kind: OptimizerKind) throws {
    var configuration = Self.configuration(kind, clipNorm: 0)
    configuration.learningRate = 1e300
    let failure = #expect(throws: WorkerFailure.self) { try Self.train(configuration, nodes: [2]) }
    let text = "\(failure?.underlying as Any)"
    #expect(text.contains("epoch 1, step"), "\(text)")
  }
}
