import Glibc

/// Repeated measurements of one thing, in seconds, as a reader wants them.
public struct Timing: Encodable, Equatable, Sendable {
  /// The number of measurements.
  public let count: Int
  /// The shortest: what the machine can do when nothing interrupts it.
  public let best: Double
  /// The median; of an even number, the lower of the middle two.
  public let median: Double
  /// The 99th percentile by nearest rank: the least measurement that 99 % of all do not exceed.
  public let p99: Double

  /// Summarizes measurements, of which there is at least one.
  public init(_ seconds: [Double]) {
    precondition(!seconds.isEmpty, "a summary needs a measurement")
    let sorted = seconds.sorted()
    count = sorted.count
    best = sorted[0]
    median = Self.percentile(50, of: sorted)
    p99 = Self.percentile(99, of: sorted)
  }

  /// The nearest-rank percentile of sorted numbers: number ⌈p n / 100⌉, counted from 1.
  static func percentile(_ percent: Int, of sorted: [Double]) -> Double {
    sorted[max(1, (percent * sorted.count + 99) / 100) - 1]
  }
}

/// The clock of all measurements: monotonic, in seconds; reading it makes no system call.
enum Stopwatch {
  /// Now.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// How long `body` takes.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = now
    try body()
    return now - start
  }
}
