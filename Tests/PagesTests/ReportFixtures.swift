import Datasets
import Foundation
import Runs
import Training

/// A run of three classes and four epochs, whose report is short enough to be read.
enum ReportFixture {
  static let names = ["cup", "<b>bowl</b>", "plate & saucer"]

  /// A value of a JSON text.
  private static func decoded<Value: Decodable>(_ text: String) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    } catch { preconditionFailure("\(error)") }
  }

  static func description(
    seed: UInt64 = 1, isEnded: Bool = true,
    validationData: DataDescription = DataDescription(source: "test.csv", sha256: nil)
  ) -> RunDescription {
    var configuration = TrainingConfiguration()
    configuration.seed = seed
    configuration.epochs = 6
    var run = RunDescription(
      programVersion: "9.9.9", command: ["fingerspell", "train", "--data", "it's a folder"],
      started: "2026-01-02T03:04:05Z",
      recipe: .keras, configuration: configuration,
      images: ModelImages(fit: nil, invert: false, classNames: ClassNames(names)), initialWeights: nil,
      trainingData: DataDescription(source: "train.csv", sha256: String(repeating: "1", count: 64)),
      validationData: validationData,
      machine: MachineDescription(
        workers: 3, kind: "ranks", workersPerNode: [2, 1], hosts: ["one", "two"], cpu: "a CPU", lanes: 8,
        mpi: "Open MPI"))
    if isEnded {
      run.outcome = decoded(
        #"{"epochs": 4, "bestEpoch": 3, "validationLoss": 0.5, "validationAccuracy": 0.7, "seconds": 75}"#)
    }
    return run
  }

  static let epochs: [EpochMetrics] = {
    let text = """
      epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,train_seconds,epoch_seconds,parameters_sha256
      1,1.25,0.4,1.0,0.5,0.001,1,1.5,aa
      2,0.75,0.6,0.75,0.6,0.001,1,1.5,bb
      3,0.5,0.8,0.5,0.7,0.001,1,1.5,cc
      4,0.25,0.9,nan,0.6,0.0001,1,1.5,dd

      """
    do {
      return try EpochMetrics.read(Array(text.utf8), path: "metrics.csv")
    } catch { preconditionFailure("\(error)") }
  }()

  static func examination(digest: String = "cc") -> Examination {
    let format = ImageFormat(height: 2, width: 3)
    let image = Data([0, 50, 100, 150, 200, 250])
    let sample = { (row: Int, label: Int, prediction: Int, probability: Float) in
      Examination.Sample(row: row, label: label, prediction: prediction, probability: probability, image: image)
    }
    return Examination(
      epoch: 3, parametersSHA256: digest, trainingRows: 30, rows: 10, loss: means.loss, accuracy: means.accuracy,
      classes: 3,
      confusion: [
        .init(label: 0, prediction: 0, count: 3), .init(label: 0, prediction: 1, count: 2),
        .init(label: 1, prediction: 1, count: 4), .init(label: 2, prediction: 0, count: 1),
      ], imageFormat: format,
      pairs: [
        .init(
          label: 0, prediction: 1, count: 2, examples: [sample(4, 0, 1, 0.9996), sample(7, 0, 1, 0.5)],
          genuine: sample(2, 1, 1, 0.75)),
        .init(label: 2, prediction: 0, count: 1, examples: [sample(9, 2, 0, 0.625)], genuine: sample(0, 0, 0, 1)),
      ], worst: [sample(4, 0, 1, 0.9996), sample(9, 2, 0, 0.625), sample(7, 0, 1, 0.5)],
      means: [
        .init(label: 0, rows: 5, image: image), .init(label: 1, rows: 4, image: image),
        .init(label: 2, rows: 1, image: image),
      ])
  }

  private static let means: Means = decoded(#"{"loss": 0.5, "accuracy": 0.7}"#)

  static let test: StoredEvaluation = decoded(
    """
    {"data": "other.csv", "rows": 4, "loss": 0.5, "accuracy": 0.75, "confusion": [[2, 0, 0], [0, 1, 1], [0, 0, 0]], "classes": [],
     "corruptions": [{"kind": "blur", "seed": 5, "loss": 0.75, "accuracy": 0.5}, {"kind": "noise", "seed": 5, "loss": 1, "accuracy": 0.25}]}
    """)

  static func record(
    _ name: String = "first", seed: UInt64 = 1, isEnded: Bool = true, epochs: [EpochMetrics] = epochs,
    examination: Examination? = examination(), test: StoredEvaluation? = test
  ) -> RunRecord {
    RunRecord(
      name: name, description: description(seed: seed, isEnded: isEnded), epochs: epochs, examination: examination,
      test: test)
  }
}
