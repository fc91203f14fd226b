import GoldenValues
import Optimizers
import TestTags
import Testing

@Suite("Ten steps of every optimizer agree with Keras", .tags(.pure, .golden))
struct OptimizerGoldenTests {
  /// The optimizer of a case, its learning rate and its weight decay.
  private static func optimizer(
    _ golden: Goldens.OptimizerSteps.Case, tensors: [Range<Int>]
  ) throws -> (optimizer: any Optimizer, rate: Double, decay: Double) {
    let kind = try #require(OptimizerKind(rawValue: golden.optimizer))
    var values = kind.defaults
    for (option, value) in golden.options {
      switch option {
      case "learning_rate": values.learningRate = value
      case "weight_decay": values.weightDecay = value
      case "momentum": values.momentum = value
      case "nesterov": values.nesterov = value == 1
      case "rho": values.rho = value
      case "centered": values.centered = value == 1
      case "beta_1": values.beta1 = value
      case "beta_2": values.beta2 = value
      case "epsilon": values.epsilon = value
      default: Issue.record("the option \(option) is not known here")
      }
    }
    return (kind.optimizer(values, tensors: tensors), values.learningRate, values.weightDecay)
  }

  /// The parameters after the steps of a case, taken in the given parts of the padded vector.
  static func steps(
    _ goldens: Goldens.OptimizerSteps, _ golden: Goldens.OptimizerSteps.Case, parts: [Range<Int>]
  ) throws -> [Float] {
    let tensors = OptimizerSuite.ranges(goldens.lengths)
    let (optimizer, rate, decay) = try optimizer(golden, tensors: tensors)
    let initial = goldens.initialParameters
    let padding = [Float](repeating: 0, count: (16 - initial.count % 16) % 16)
    var parameters = initial + padding
    let all = 0..<parameters.count
    var sharded = ShardedOptimizer(optimizer, weightDecay: decay, range: all)
    for step in 0..<goldens.steps {
      sharded.begin(step: step + 1, learningRate: rate)
      OptimizerSuite.step(
        &sharded, parts: parts, gradient: goldens.gradient(step: step) + padding, scale: 1 / Float(goldens.samples),
        tensors: tensors, parameters: &parameters)
    }
    #expect(parameters.suffix(padding.count).allSatisfy { $0 == 0 }, "the padding stays zero")
    return Array(parameters.prefix(initial.count))
  }

  /// Parameters are at most 1, so that each of ten steps rounds by at most 2^-25; the steps themselves are at most 0.02 (RMSprop's
  /// first ones 0.003) and off by some 2^-22 of that, ε under a small root included. Together that is below 1e-6, and the shortest
  /// way that a parameter goes is 1,000 times as far.
  @Test func `Single precision is within 1e-6 of Keras in double precision`() throws {
    let goldens = try Goldens.expectedOptimizerSteps()
    #expect(Set(goldens.cases.map(\.optimizer)) == Set(OptimizerKind.allCases.map(\.rawValue)))
    for golden in goldens.cases {
      let found = try Self.steps(goldens, golden, parts: [0..<160])
      let errors = zip(found, golden.parameters).map { abs(Double($0) - $1) }
      #expect(errors.max() ?? 1 < 1e-6, "\(golden.optimizer) \(golden.options)")
      let moves = zip(goldens.initialParameters, golden.parameters).map { abs(Double($0) - $1) }
      #expect(moves.max() ?? 0 > 1e-3, "\(golden.optimizer) \(golden.options) moves")
    }
  }

  @Test(arguments: [[0..<16, 16..<160], [0..<48, 48..<64, 64..<160], (0..<10).map { 16 * $0..<16 * $0 + 16 }])
  func `Parts of the range give the bits of the whole`(_ parts: [Range<Int>]) throws {
    let goldens = try Goldens.expectedOptimizerSteps()
    for golden in goldens.cases {
      let whole = try Self.steps(goldens, golden, parts: [0..<160])
      let found = try Self.steps(goldens, golden, parts: parts)
      #expect(found.map(\.bitPattern) == whole.map(\.bitPattern), "\(golden.optimizer) \(golden.options)")
    }
  }
}
