import Communication
import Datasets
import NeuralNet
import Optimizers
import Reduction
import TestTags
import Testing
import Training
import TrainingFixtures

@Suite("Every option changes the result, and none breaks reproducibility", .tags(.threads, .bits, .slow))
struct RecipeTests {
  private static let sources = DataSources(
    train: .synthetic(.train, rows: 200, seed: 1), test: .synthetic(.test, rows: 33, seed: 1))

  /// The lines of a run without their seconds, and the bits of its weights.
  private static func train(
    _ configuration: TrainingConfiguration, workers: Int = 1, nodes: [Int]? = nil
  ) throws -> (lines: [String], parameters: [UInt32]) {
    try ThreadGroup.run(workers: workers, nodes: nodes) { communicator in
      var lines: [String] = []
      let trainer = try Trainer(configuration, sources: sources, communicator)
      try trainer.begin(with: standard.initialParameters(seed: 1))
      let outcome = try trainer.run { event in
        guard case .epochEnded(let record) = event else { return }
        lines.append(
          "\(record.epoch) \(record.training) \(record.validation) \(record.learningRate) \(record.parametersSHA256)")
      }
      return (lines, outcome.parameters.map(\.bitPattern))
    }[0]
  }

  @Test func `The recipe keras is the configuration without a recipe`() {
    #expect(Recipe.keras.configuration == TrainingConfiguration())
  }

  @Test(arguments: [Recipe.best, .fast])
  func `Recipes of augmentation make no choice by the validation rows`(_ recipe: Recipe) {
    let configuration = recipe.configuration
    #expect(configuration.patience == nil && configuration.keep == .last)
  }

  @Test(arguments: [[1], [2], [3], [5], [8], [1, 1], [2, 1], [1, 2, 1], [1, 1, 1, 1]])
  func `With every option on, any layout gives the same bits`(_ nodes: [Int]) throws {
    let expected = try Self.train(.everything)
    let found = try Self.train(.everything, workers: nodes.reduce(0, +), nodes: nodes)
    #expect(found.lines == expected.lines)
    #expect(found.parameters == expected.parameters)
  }

  private static let changes: [(String, @Sendable (inout TrainingConfiguration) -> Void)] = [
    ("standardize", { $0.standardize = false }), ("augment", { $0.augment = nil }),
    ("noise", { $0.augment?.noise = 0 }), ("constant padding", { $0.augment?.constantPaddingProbability = 0 }),
    ("lighting gradient", { $0.augment?.lightingGradient = 0 }), ("random erasing", { $0.augment?.randomErasing = 0 }),
    ("schedule", { $0.schedule = .constant }),
    ("step", { ($0.schedule, $0.stepEpochs) = (.step, 1) }), ("warm-up", { $0.warmupEpochs = 0 }),
    ("average", { $0.ema = 0 }), ("its decay", { $0.ema = 0.25 }), ("dropout", { $0.dropout = 0 }),
    ("recurrent dropout", { $0.recurrentDropout = 0 }), ("label smoothing", { $0.labelSmoothing = 0 }),
    ("class weight", { $0.classWeight = .given(["A": 2, "3": 0.5]) }),
    ("weight decay", { $0.weightDecay = 0 }), ("clipping", { $0.clipNorm = 0 }), ("its limit", { $0.clipNorm = 1e6 }),
    ("keep", { ($0.keep, $0.ema, $0.learningRate) = (.best, 0, 0.3) }),
  ]

  @Test func `Every option changes the result`() throws {
    var results = ["everything": try Self.train(.everything)]
    for (name, change) in Self.changes {
      var configuration = TrainingConfiguration.everything
      change(&configuration)
      let result = try Self.train(configuration)
      let same = results.first { $0.value.parameters == result.parameters }?.key
      // A limit that nothing reaches is no limit, to the bit.
      #expect(same == (name == "its limit" ? "clipping" : nil), "\(name)")
      results[name] = result
    }
  }

  @Test func `The rate in the history is that of the epoch's last step`() throws {
    var configuration = TrainingConfiguration.everything
    let schedule = LearningRateSchedule(
      peak: configuration.learningRate, decay: .cosine, warmUpSteps: 4, totalSteps: 14)
    let rates = [7, 14].map { "\(schedule.rate(step: $0))" }
    #expect(
      try Self.train(configuration).lines.map { $0.split(separator: " ").suffix(2).first.map(String.init) } == rates)
    configuration = TrainingConfiguration()
    (configuration.epochs, configuration.stepsPerEpoch, configuration.learningRate) = (2, 1, 0.25)
    let lines = try Self.train(configuration).lines
    #expect(lines.allSatisfy { $0.split(separator: " ").suffix(2).first == "0.25" }, "\(lines)")
  }

  @Test(arguments: [[1], [2], [3], [8], [2, 1], [1, 1, 1]])
  func `The norm is the gradient's, the same bits on any layout`(_ nodes: [Int]) throws {
    let count = standard.layout.paddedCount
    let gradient = (0..<count).map { Float(($0 * 7919) % 10007 - 5003) * 0x1p-13 }
    let exact = gradient.reduce(0) { $0 + Double($1) * Double($1) }
    let workers = nodes.reduce(0, +)
    let sums = try ThreadGroup.run(workers: workers, nodes: nodes) { communicator in
      let reduction = try ReproducibleReduction(
        communicator, regions: VectorRegions(count, 16), microBatchesPerWorker: 1)
      let norm = try GradientNorm(communicator, range: reduction.slice.clamped(to: 0..<count), of: count)
      let part = (gradient + [Float](repeating: 1000, count: 16))[reduction.slice]
      try Array(part).withUnsafeBufferPointer { try norm.measure(reduction.slice, $0.baseAddress!) }
      return (norm.sumOfSquares, norm.scale(samples: 10, limit: 1), norm.scale(samples: 10, limit: 1e9))
    }
    let alone = try ThreadGroup.run(workers: 1) { communicator in
      let norm = try GradientNorm(communicator, range: 0..<count, of: count)
      try norm.measure(0..<count, gradient)
      return norm.sumOfSquares
    }[0]
    for (sum, clipped, free) in sums {
      #expect(sum == alone)
      #expect(abs(sum / exact - 1) < 1e-12)
      #expect(abs(Double(clipped) * exact.squareRoot() - 1) < 1e-6)
      #expect(free == Float(0.1))
    }
  }

  @Test func `A gradient that is not finite is clipped to nothing that looks sound`() throws {
    let count = standard.layout.paddedCount
    for bad: Float in [.nan, .infinity, -.infinity] {
      var gradient = [Float](repeating: 0.5, count: count)
      gradient[4711] = bad
      let values = gradient
      let scale = try ThreadGroup.run(workers: 1) { communicator in
        let norm = try GradientNorm(communicator, range: 0..<count, of: count)
        try norm.measure(0..<count, values)
        return norm.scale(samples: 4, limit: 1)
      }[0]
      #expect(scale.isNaN)
    }
  }
}
