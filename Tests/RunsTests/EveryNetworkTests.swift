import Communication
import Datasets
import Foundation
import GoldenValues
import ModelFiles
import NeuralNet
import Optimizers
import TestFiles
import TestTags
import Testing
import Training

/// What holds for the default network holds for every network: the same bits on any number of workers, also through an
/// interruption, and the same evaluation.
///
/// Each network trains for six steps of 20 samples, in epochs of two steps of the three that a data epoch has.
@Suite("Every network has the same bits on any number of workers", .tags(.threads, .bits, .slow))
struct EveryNetworkTests {
  /// A network, and how its rows are made.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let architecture: @Sendable () throws -> Architecture
    /// The formula of its rows; nil for the synthetic data set.
    var golden: ArchitectureGolden?
    var number = 0

    var testDescription: String { name }
  }

  /// The networks of the table of goldens, and those with dropout of every kind, which Keras cannot be compared with.
  static let cases: [Case] = {
    guard let table = try? ArchitectureGolden.all() else { return [] }
    var all = table.map { golden in
      Case(
        name: golden.name, architecture: { try JSONDecoder().decode(Architecture.self, from: golden.modelJSON()) },
        golden: golden)
    }
    all += dropping
    for number in all.indices { all[number].number = number }
    return all
  }()

  private static let dropping: [Case] = [
    Case(
      name: "LSTMs with recurrent dropout",
      architecture: {
        try Architecture(input: [28, 28]) {
          Dropout(0.2)
          LSTM(20, returnSequences: true, dropout: 0.3, recurrentDropout: 0.2)
          LayerNormalization()
          LSTM(24, dropout: 0.3)
          Dense(25, activation: .softmax)
        }
      }
    ),
    Case(
      name: "GRUs with recurrent dropout",
      architecture: {
        try Architecture(input: [28, 28]) {
          Conv1D(16, kernelSize: 3, padding: .same, activation: .relu)
          MaxPooling1D(2)
          GRU(20, returnSequences: true, goBackwards: true, dropout: 0.3, recurrentDropout: 0.2)
          GRU(16, recurrentDropout: 0.5)
          Dropout(0.3)
          Dense(25)
        }
      }
    ),
    Case(
      name: "bidirectional with dropout",
      architecture: {
        try Architecture(input: [28, 28]) {
          Bidirectional(LSTM(12, returnSequences: true, dropout: 0.2, recurrentDropout: 0.2))
          Dropout(0.4)
          Bidirectional(GRU(10, dropout: 0.3), mergeMode: .sum)
          LayerNormalization()
          Dense(25, activation: .softmax)
        }
      }
    ),
    Case(
      name: "images with dropout",
      architecture: {
        try Architecture(input: [28, 28, 1]) {
          Dropout(0.1)
          Conv2D(8, kernelSize: 3, padding: .same, activation: .relu)
          MaxPooling2D(2)
          Dropout(0.25)
          Conv2D(20, kernelSize: (3, 2), strides: (2, 1), activation: .relu)
          GroupNormalization(groups: 4)
          AveragePooling2D(2)
          Dropout(0.25)
          Flatten()
          Dense(32, activation: .relu)
          Dropout(0.5)
          Dense(26, activation: .softmax)
        }
      }
    ),
  ]

  private static let (trainingRows, testRows) = (50, 21)

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func run(of network: Case) throws -> (configuration: TrainingConfiguration, training: ResumeTests) {
    var configuration = TrainingConfiguration()
    configuration.network = try network.architecture()
    (configuration.epochs, configuration.stepsPerEpoch, configuration.batchSize) = (3, 2, 20)
    configuration.learningRate = 0.01
    return (configuration, ResumeTests(sources: try sources(of: network)))
  }

  /// The rows of a network of the table are the formula's, in CSV files; for the others there is the synthetic data set.
  private func sources(of network: Case) throws -> DataSources {
    guard let golden = network.golden else {
      return DataSources(
        train: .synthetic(.train, rows: Self.trainingRows, seed: 1),
        test: .synthetic(.test, rows: Self.testRows, seed: 1))
    }
    return DataSources(
      train: try csv("train.csv", golden.batch(count: Self.trainingRows)),
      test: try csv("test.csv", golden.batch(first: Self.trainingRows, count: Self.testRows)))
  }

  private func csv(_ name: String, _ batch: ArchitectureGolden.Batch) throws -> DataSource {
    let width = batch.pixels.count / batch.count
    var text = (["label"] + (1...width).map { "pixel\($0)" }).joined(separator: ",") + "\n"
    for row in 0..<batch.count {
      let pixels = batch.pixels[row * width..<(row + 1) * width].map { String($0) }
      text += ([String(batch.labels[row])] + pixels).joined(separator: ",") + "\n"
    }
    return .csv(path: try scratch.file(text, name: name))
  }

  private func expectSame(
    _ configuration: TrainingConfiguration, _ training: ResumeTests, stop: Int, _ first: [Int], _ second: Int
  ) throws {
    let whole = try training.train(configuration, workers: 1)
    guard case .finished(let trace) = whole else {
      Issue.record("not finished")
      return
    }
    #expect(trace.epochs.count == 3 && trace.parameters.allSatisfy { Float(bitPattern: $0).isFinite })
    for workers in [2, 3, 5] { #expect(try training.train(configuration, workers: workers) == whole, "\(workers)") }
    let end = try training.train(configuration, workers: first.reduce(0, +), nodes: first, stopAfter: stop)
    guard case .stopped(let step, let checkpoint) = end else {
      Issue.record("not stopped")
      return
    }
    #expect((1...5).contains(step))
    #expect(try training.train(configuration, workers: second, from: checkpoint) == whole, "resumed after \(step)")
  }

  @Test func `All networks of the table are here`() throws {
    #expect(Self.cases.count == Self.dropping.count + (try ArchitectureGolden.all().count))
    #expect(Self.cases.count { $0.golden != nil } > 40)
  }

  @Test(arguments: cases)
  func `Training and resuming`(_ network: Case) throws {
    let (configuration, training) = try run(of: network)
    let layouts: [([Int], Int)] = [([1], 3), ([2, 1], 1), ([3], 2), ([1, 1], 5)]
    let (first, second) = layouts[network.number % layouts.count]
    try expectSame(configuration, training, stop: 2 + network.number % 4, first, second)
  }

  /// Optimizers that look at whole tensors, clipping by the norm, weights of classes, another order of the rows.
  @Test(arguments: ["conv2d-notebook", "bidirectional-gru", "layer-normalization"], [OptimizerKind.lamb, .rmsprop])
  func `Other optimizers and class weights`(_ name: String, _ optimizer: OptimizerKind) throws {
    let network = try #require(Self.cases.first { $0.name == name })
    var (configuration, training) = try run(of: network)
    let plain = try training.train(configuration, workers: 1)
    configuration.use(optimizer)
    configuration.clipNorm = 0.5
    configuration.ema = 0.5
    let unweighted = try training.train(configuration, workers: 1)
    configuration.classWeight = .balanced
    #expect(try training.train(configuration, workers: 1) != unweighted && unweighted != plain)
    try expectSame(configuration, training, stop: 3, [2, 1], 5)
  }

  /// The comparison sees a gradient that is summed in another order, and other masks.
  @Test(arguments: ["lstm-odd", "conv2d-same", "images with dropout"])
  func `Another sum, and another seed, are seen`(_ name: String) throws {
    let network = try #require(Self.cases.first { $0.name == name })
    var (configuration, training) = try run(of: network)
    // Seven micro-batches: their sum along the tree is not that in their order, which one worker takes.
    configuration.batchSize = Self.trainingRows
    let whole = try training.train(configuration, workers: 1)
    configuration.seed = 2
    #expect(try training.train(configuration, workers: 1) != whole)
    configuration.seed = 1
    #expect(try training.train(configuration, workers: 3) == whole)
    configuration.allReduce = .mpi
    #expect(try training.train(configuration, workers: 1) != whole)
  }

  private struct EvaluationBits: Equatable {
    var losses: [UInt32]
    var predictions: [UInt16], labels: [UInt16]
  }

  @Test(arguments: cases)
  func `Evaluation`(_ network: Case) throws {
    let architecture = try network.architecture()
    let sources = try sources(of: network)
    let parameters = architecture.initialParameters(seed: 3)
    let preprocessing: Preprocessing = architecture.rescalesPixels ? .raw : .unit
    func evaluation(_ workers: Int) throws -> EvaluationBits {
      let all = try ThreadGroup.run(workers: workers) {
        try evaluate(architecture, parameters, on: sources.test, preprocessing: preprocessing, $0)
      }
      let evaluation = try #require(all[0]?.first)
      return EvaluationBits(
        losses: evaluation.losses.map(\.bitPattern), predictions: evaluation.predictions, labels: evaluation.labels)
    }
    let alone = try evaluation(1)
    #expect(alone.losses.count == Self.testRows)
    #expect(alone.losses.allSatisfy { Float(bitPattern: $0).isFinite })
    for workers in [2, 3, 5] { #expect(try evaluation(workers) == alone, "\(workers) workers") }
  }
}
