/// What happens in a run, as rank 0 sees it; the command line renders these.
public enum TrainingEvent: Sendable {
  /// The data are loaded and the first step is next.
  case started(DataSummary)
  /// A step is done.
  case stepped(StepProgress)
  /// The epoch's steps are done, validation is next.
  case validating
  /// An epoch is done.
  case epochEnded(EpochRecord)
  /// The state of the run, to be kept now; only told if the run has a policy of checkpoints.
  case checkpoint(TrainingState)
  /// Training ends, as the monitored value has not improved for some epochs.
  case stoppedEarly(epoch: Int, monitor: Monitor, without: Int)
  /// The learning rate is reduced from the next epoch on, as the monitored value has not improved for some epochs.
  case rateReduced(rate: Double, monitor: Monitor, without: Int)
  /// Training ends, because the time that it was given is over.
  case timeIsOver(TrainingPosition)
}

/// The size of what a run trains on.
public struct DataSummary: Equatable, Sendable {
  /// Rows to train on.
  public let trainingRows: Int
  /// Rows to validate on.
  public let validationRows: Int
  /// Steps of an epoch.
  public let stepsPerEpoch: Int
  /// Workers.
  public let workers: Int
  /// Ranks that get no micro-batch of a whole batch, because there are more workers than micro-batches.
  public let idleRanks: [Int]
  /// What is odd about the rows, a sentence each.
  public let warnings: [String]
}

/// How far an epoch is. The means are running means over the epoch's samples so far.
public struct StepProgress: Equatable, Sendable {
  /// The epoch, from 1.
  public let epoch: Int
  /// The most epochs of the run.
  public let epochs: Int
  /// The steps done in the epoch, and the steps of the epoch.
  public let step: Int, steps: Int
  /// The mean loss and accuracy so far.
  public let loss: Double, accuracy: Double
  /// Samples trained on so far in the epoch, and the seconds since its beginning.
  public let samples: Int, seconds: Double
}

/// One line of metrics.csv.
public struct EpochRecord: Codable, Equatable, Sendable {
  /// The epoch, from 1.
  public let epoch: Int
  /// Means over the epoch's training samples, each as it was when its step was taken.
  public let training: Means
  /// Means over the validation samples, with the parameters at the epoch's end.
  public let validation: Means
  /// The learning rate of the epoch's last step.
  public let learningRate: Double
  /// Seconds of the steps, and of the whole epoch with validation.
  public let trainSeconds: Double, epochSeconds: Double
  /// SHA-256 of the parameters at the epoch's end, as little-endian float32 in the layout's order.
  public let parametersSHA256: String
  /// Whether these are the best weights so far.
  public let isBest: Bool

  /// A number of the epoch.
  package func value(of monitor: Monitor) -> Double { monitor.value(training: training, validation: validation) }

  /// The names of the columns of `csvLine`.
  public static let csvHeader =
    "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,train_seconds,epoch_seconds,parameters_sha256"

  /// The record with its numbers in their shortest form that reads back as the same number.
  public var csvLine: String {
    let numbers: [Double] = [
      training.loss, training.accuracy, validation.loss, validation.accuracy, learningRate, trainSeconds, epochSeconds,
    ]
    return ([String(epoch)] + numbers.map { "\($0)" } + [parametersSHA256]).joined(separator: ",")
  }
}
