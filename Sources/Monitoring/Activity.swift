import Communication

/// What a worker does, as the watchdog names it.
public enum Activity {
  static let loading = 2
  static let files = 3
  static let step = 4
  static let exchange = 5
  static let history = 6
  static let validation = 7
  static let verification = 8

  /// An activity in words.
  public static func describe(_ activity: Int, number: Int) -> String {
    switch activity {
    case WorkerProgress.starting: "the start of the workers"
    case WorkerProgress.ending: "the end of the job"
    case loading: "loading the data"
    case files: "reading or writing files"
    case step: "step \(number), forward and backward"
    case exchange: "step \(number), exchange and update"
    case history: "gathering the epoch's results"
    case validation: "validation"
    case verification: "looking for flipped bits"
    default: "activity \(activity)"
    }
  }
}
