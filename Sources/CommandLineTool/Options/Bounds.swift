import ArgumentParser

/// The numbers that options take. Upper bounds keep a slip of the finger from exhausting the machine.
enum Bounds {
  /// Threads of one process.
  static let workers = 1...1024
  /// Samples per step.
  static let batchSize = 1...1 << 20
  /// Rows of the synthetic data set; the keys of random draws have 32 bits for them.
  static let rows = 1...Int(UInt32.max)
  /// Classes that are listed.
  static let top = 1...1024
  /// Epochs; the keys of random draws have 32 bits for them.
  static let epochs = 1...1_000_000
  /// Steps per epoch.
  static let steps = 1...1_000_000_000
  /// Repetitions of a measurement.
  static let repetitions = 1...1_000_000
  /// Learning rates: what a double holds, and more than any training bears.
  static let rate = 1e-300...1e300
  /// Epochs as a part or a multiple.
  static let partsOfEpochs = 0.0...1e6
  /// Differences of losses or accuracies.
  static let difference = 0.0...1e30
  /// Seconds of a time limit: thirty years.
  static let seconds = 1.0...1e9

  /// Refuses a value outside its bounds, naming the option.
  static func check(_ option: String, _ value: Int, _ bounds: ClosedRange<Int>) throws {
    guard value >= bounds.lowerBound else {
      throw ValidationError("\(option) is \(value); it must be at least \(bounds.lowerBound).")
    }
    guard value <= bounds.upperBound else {
      throw ValidationError("\(option) is \(value); it must be at most \(bounds.upperBound).")
    }
  }
}
