/// What a worker is doing, as the watchdog names it.
public enum Activity: Int, Sendable {
  /// Before the workers have met.
  case starting
  /// The work is done; the worker waits until all are.
  case ending
  case loading, files, step, reduction, history, validation, verification

  /// The activity in words.
  ///
  /// - Parameter number: what distinguishes it from others of its kind: the number of the step.
  public func description(number: Int) -> String {
    switch self {
    case .starting: "the start of the workers"
    case .ending: "the end of the job"
    case .loading: "loading the data"
    case .files: "reading or writing files"
    case .step: "step \(number), forward and backward"
    case .reduction: "step \(number), gradient reduction and update"
    case .history: "gathering the epoch's results"
    case .validation: "validation"
    case .verification: "the search for flipped bits"
    }
  }
}
