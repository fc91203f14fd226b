import Communication
import Datasets
import NeuralNet
import Platform
import Synchronization
import Training
import TrainingFixtures

/// A short run on the synthetic data set. Together they take every path of the arithmetic.
enum ReferenceRun: String, CaseIterable, Sendable {
  case keras, best, everything, fileOrder, shards

  var configuration: TrainingConfiguration {
    switch self {
    case .keras: changed(Recipe.keras.configuration) { $0.epochs = 2 }
    // Two epochs of warm-up and one on the cosine.
    case .best: changed(Recipe.best.configuration) { $0.epochs = 3 }
    case .everything: .everything
    case .fileOrder:
      changed(TrainingConfiguration()) {
        $0.epochs = 3
        $0.shuffle = .none
        $0.validationSplit = 0.25
        ($0.schedule, $0.stepEpochs, $0.stepFactor) = (.step, 1, 0.5)
      }
    case .shards:
      changed(TrainingConfiguration()) {
        $0.epochs = 2
        $0.shuffle = .shard
      }
    }
  }

  /// Only with shards do the bits depend on it.
  private var workers: Int { self == .shards ? 2 : 1 }

  private func changed(
    _ configuration: TrainingConfiguration, _ change: (inout TrainingConfiguration) -> Void
  ) -> TrainingConfiguration {
    var configuration = configuration
    change(&configuration)
    return configuration
  }

  /// What the run finds: its epochs' records, and the parameters.
  struct Result: Sendable {
    var records: [EpochRecord]
    var parameters: [Float]

    /// The checksums of both.
    var bits: RunBits {
      let lines = records.map { record in
        let numbers = [
          record.training.loss, record.training.accuracy, record.validation.loss, record.validation.accuracy,
          record.learningRate,
        ]
        return ([String(record.epoch)] + numbers.map { "\($0)" } + [record.parametersSHA256, "\(record.isBest)"])
          .joined(separator: ",") + "\n"
      }
      let bytes = parameters.prefix(standard.layout.count).flatMap { number in
        withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
      }
      return RunBits(
        records: SHA256Digest(of: Array(lines.joined().utf8)).description,
        parameters: SHA256Digest(of: bytes).description)
    }
  }

  /// Trains.
  func train() throws -> Result {
    let sources = DataSources(
      train: .synthetic(.train, rows: 200, seed: 1), test: .synthetic(.test, rows: 33, seed: 1))
    let records = Mutex<[EpochRecord]>([])
    let parameters = try ThreadGroup.run(workers: workers) { communicator in
      let trainer = try Trainer(configuration, sources: sources, communicator)
      try trainer.begin(with: standard.initialParameters(seed: configuration.seed))
      return try trainer.run { event in
        if case .epochEnded(let record) = event { records.withLock { $0.append(record) } }
      }.parameters
    }[0]
    return Result(records: records.withLock { $0 }, parameters: parameters)
  }
}
