import Communication
import Datasets
import Foundation
import GoldenValues
import NeuralNet
import TestTags
import Testing
import Training

/// The folder of the real data set, or nil where it is not: FINGERSPELL_DATA, or `../shared/data` beside the package.
private let realData: DataFiles? = {
  let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let folder =
    ProcessInfo.processInfo.environment["FINGERSPELL_DATA"]
    ?? package.deletingLastPathComponent().appending(path: "shared/data").path
  return try? DataFiles.locate(in: folder)
}()

/// Training on the real data against Keras in double precision: the whole chain from the CSV to the validation loss.
///
/// Without dropout and shuffling both see the same batches; 1e-5 relative is some hundred roundings of single precision in
/// the sums and in up to 60 steps of Adam, and far below what one wrong sample of a batch does (1e-3).
@Suite("Training on the real data agrees with Keras", .tags(.golden, .realData, .threads))
struct RealDataTests {
  private func train(steps: Int, workers: Int) throws -> [EpochRecord] {
    let files = try #require(realData)
    var configuration = TrainingConfiguration()
    configuration.epochs = 1
    configuration.stepsPerEpoch = steps
    configuration.shuffle = .none
    (configuration.dropout, configuration.recurrentDropout) = (0, 0)
    let sources = DataSources(train: .csv(path: files.train), test: .csv(path: files.test))
    let weights = Goldens.weights()
    var parameters = [Float](repeating: 0, count: standard.layout.paddedCount)
    for tensor in standard.layout.tensors {
      parameters.replaceSubrange(tensor.range, with: try #require(weights[tensor.name]))
    }
    let (settings, initial) = (configuration, parameters)
    return try ThreadGroup.run(workers: workers) { communicator in
      var records: [EpochRecord] = []
      let trainer = try Trainer(settings, sources: sources, communicator)
      try trainer.begin(with: initial)
      _ = try trainer.run { event in
        if case .epochEnded(let record) = event { records.append(record) }
      }
      return records
    }[0]
  }

  @Test(.enabled(if: realData != nil, "the real data set is not here"), arguments: [20, 40, 60], [1, 3])
  func `Losses and accuracies over the first steps agree with Keras`(_ steps: Int, _ workers: Int) throws {
    let expected = try #require(Goldens.expectedRealDataLosses().steps.first { $0.steps == steps })
    let records = try train(steps: steps, workers: workers)
    let record = try #require(records.first)
    #expect(records.count == 1)
    #expect(abs(record.training.loss / expected.loss - 1) < 1e-5)
    #expect(abs(record.validation.loss / expected.validationLoss - 1) < 1e-5)
    #expect(abs(record.training.accuracy - expected.accuracy) < 1.5 / Double(32 * steps))
    #expect(abs(record.validation.accuracy - expected.validationAccuracy) < 5.5 / 7172)
  }
}
