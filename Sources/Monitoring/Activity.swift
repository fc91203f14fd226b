/// What a worker is doing, for stall reports.
public enum Activity: Int, Sendable {
  /// Before the workers are connected.
  case starting
  /// The worker is done and waits for the others.
  case ending
  case loading, files, step, reduction, history, validation, verification

  /// The activity in words.
  ///
  /// - Parameter number: the training step, for activities that are part of one.
  public func description(number: Int) -> String {
    switch self {
    case .starting: "the startup of the workers"
    case .ending: "the end of the job"
    case .loading: "loading the data"
    case .files: "reading or writing files"
    case .step: "step \(number), forward and backward"
    case .reduction: "step \(number), gradient reduction and update"
    case .history: "gathering the epoch's results"
    case .validation: "validation"
    case .verification: "the check for flipped bits"
    }
  }
}
