import FoundationEssentials
import GoldenValues
import NeuralNet
import Optimizers
import TestTags
import Testing

/// All networks of the table in Tests/Goldens/architectures.py against Keras in double precision.
///
/// Tolerance: as GoldenTests argues, chains of a few hundred roundings leave some 100 u of the greatest value; the table has
/// longer chains (products over 800 numbers, 28 time steps of 128 units), so the limit is 1e-5, some 160 u. A wrong term
/// shows as an error of 1e-2 or more.
@Suite("Every layer agrees with Keras", .tags(.golden))
struct ArchitectureTests {
  static let all = Result { try ArchitectureGolden.all() }
  static var goldens: [ArchitectureGolden] { (try? all.get()) ?? [] }

  @Test func `The table is there`() throws {
    #expect(try Self.all.get().count >= 28)
    let kinds = Set(Self.goldens.flatMap { $0.layers.map(\.className) })
    let missing = Set(Architecture.layerNames).subtracting(kinds)
    #expect(missing.isEmpty, "layers without a golden case")
  }

  @Test(arguments: goldens)
  func `Names, shapes and numbers of parameters are Keras'`(_ golden: ArchitectureGolden) throws {
    let architecture = try ArchitectureHarness(golden).architecture
    #expect(architecture.layout.tensors.map(\.name) == golden.tensors.map(\.name))
    #expect(architecture.layout.tensors.map(\.shape) == golden.tensors.map(\.shape))
    #expect(architecture.input.dimensions == golden.inputShape)
    #expect(architecture.classes == golden.classes)
    for (stage, layer) in zip(architecture.stages, golden.layers) {
      #expect(stage.name == layer.name)
      #expect(stage.output.dimensions == layer.outputShape)
      #expect(stage.layer.weights(stage.input).reduce(0) { $0 + $1.shape.reduce(1, *) } == layer.parameters)
    }
  }

  @Test(arguments: goldens)
  func `The description survives its JSON`(_ golden: ArchitectureGolden) throws {
    let architecture = try ArchitectureHarness(golden).architecture
    let json = try JSONEncoder().encode(architecture)
    #expect(try JSONDecoder().decode(Architecture.self, from: json) == architecture)
  }

  @Test(arguments: goldens)
  func `Probabilities, losses and gradients are Keras'`(_ golden: ArchitectureGolden) throws {
    let expected = try golden.expected()
    let harness = try ArchitectureHarness(golden)
    let result = harness.evaluate(golden.batch())
    #expect(Self.error(result.probabilities, expected.probabilities) < 1e-5)
    #expect(Self.error(result.losses, expected.losses) < 1e-5)
    for tensor in harness.architecture.layout.tensors {
      let gradient = Array(result.gradient[tensor.range])
      let golden = try #require(expected.gradients[tensor.name])
      #expect(golden.error(of: gradient) < 1e-5, "\(tensor.name)")
      #expect(golden.summaryError(of: gradient) < 1e-5, "\(tensor.name)")
    }
  }

  @Test(arguments: goldens)
  func `Three steps of Adam are Keras'`(_ golden: ArchitectureGolden) throws {
    let expected = try golden.expected()
    let harness = try ArchitectureHarness(golden)
    var adam = ShardedOptimizer(Adam(), range: 0..<harness.parameters.count)
    var losses: [Double] = []
    for step in 0..<3 {
      let batch = golden.batch(first: 11 * step)
      let result = harness.evaluate(batch)
      losses.append(result.loss / Double(batch.count))
      adam.begin(step: step + 1, learningRate: Double(ArchitectureGolden.learningRate))
      _ = harness.parameters.withUnsafeMutableBufferPointer { parameters in
        adam.update(gradient: result.gradient, scale: 1 / Float(batch.count), parameters: parameters.baseAddress!)
      }
    }
    losses.append(harness.evaluate(golden.batch()).loss / 11)
    #expect(Self.error(losses.map { Float($0) }, expected.stepLosses) < 1e-5)
    for tensor in harness.architecture.layout.tensors {
      let golden = try #require(expected.parameters[tensor.name])
      #expect(golden.meanDifference(of: Array(harness.parameters[tensor.range])) < 2e-6, "\(tensor.name)")
    }
  }

  /// The gradient's own direction, with dropout where the network has some: the loss must change by its norm. The steps are
  /// some 2.5e-3 of loss long: with 1e-2, the third order of the deepest network of the table was 3e-2 of the slope.
  @Test(arguments: goldens)
  func `The gradient is the numerical one, with dropout`(_ golden: ArchitectureGolden) throws {
    let harness = try ArchitectureHarness(golden)
    let batch = golden.batch(count: 8)
    let gradient = harness.evaluate(batch, dropoutSeed: 3).gradient
    let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    let point = harness.parameters
    func loss(_ distance: Double) -> Double {
      harness.parameters = zip(point, gradient).map { Float(Double($0) + distance / norm * Double($1)) }
      return harness.evaluate(batch, dropoutSeed: 3).loss
    }
    let distance = 2.5e-3 / norm
    let slope = (loss(distance) - loss(-distance)) / (2 * distance)
    #expect(abs(slope / norm - 1) < 2e-2, "\(slope) instead of \(norm)")
  }

  private static func error(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let scale = expected.map(abs).max() ?? 0
    let errors = zip(values, expected).map { abs(Double($0) - $1) }
    return errors.allSatisfy(\.isFinite) ? (errors.max() ?? .infinity) / scale : .infinity
  }
}
