/// Counts of numbers in ranges, as a histogram of Prometheus.
struct Histogram: Hashable, Sendable {
  /// The ranges' upper ends, ascending; beyond the last one there is one more range.
  let bounds: [Double]
  /// How many numbers are in each range.
  private(set) var counts: [Int]
  /// The sum of the numbers.
  private(set) var sum = 0.0

  init(_ bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  /// How many numbers there were.
  var count: Int { counts.reduce(0, +) }

  mutating func add(_ number: Double) {
    counts[bounds.firstIndex { number <= $0 } ?? bounds.count] += 1
    sum += number
  }
}
