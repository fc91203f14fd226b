import NeuralNet
import ReferenceKernels
import TestTags
import Testing

@Suite("Initial weights have recorded bits and the right distributions", .tags(.bits))
struct InitializerTests {
  static let parameters = standard.initialParameters(seed: 42)

  static func tensor(_ name: String) -> [Float] { Array(parameters[standard.layout[name].range]) }

  @Test func `The same seed gives the same bits everywhere, another seed others`() {
    #expect(fingerprint(Self.parameters) == "8a36d681b0f84cbd")
    #expect(standard.initialParameters(seed: 42) == Self.parameters)
    #expect(standard.initialParameters(seed: 43) != Self.parameters)
  }

  /// Fans in and out: of a convolution over 3 rows of 28 channels, 3 x 28 and 3 x 64.
  @Test(arguments: [
    ("conv1d/kernel", 84, 192), ("lstm/kernel", 64, 256), ("lstm_1/kernel", 64, 256), ("dense/kernel", 64, 64),
    ("dense_1/kernel", 64, 25),
  ])
  func `Kernels are uniform in the limits of Glorot and Bengio`(_ name: String, _ fanIn: Int, _ fanOut: Int) {
    let values = Self.tensor(name).map(Double.init)
    let limit = (6 / Double(fanIn + fanOut)).squareRoot()
    let (n, largest) = (Double(values.count), values.map(abs).max() ?? 0)
    // The largest of n uniform magnitudes misses the limit by more than 12/n of it with probability e^-12.
    #expect(largest <= limit * (1 + 0x1p-23) && largest > limit * (1 - 12 / n))
    // Mean 0 and variance limit²/3, within five standard deviations of their estimates.
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + $1 * $1 } / n
    #expect(abs(mean) < 5 * limit / (3 * n).squareRoot())
    #expect(abs(variance / (limit * limit / 3) - 1) < 5 * (0.8 / n).squareRoot())
  }

  @Test(arguments: ["lstm/recurrent_kernel", "lstm_1/recurrent_kernel"])
  func `Recurrent kernels have orthonormal rows`(_ name: String) {
    let values = Self.tensor(name).map(Double.init)
    var worst = 0.0
    let rows = (0..<64).map { values[$0 * 256..<($0 + 1) * 256] }
    for (i, a) in rows.enumerated() {
      for (j, b) in rows.enumerated() {
        let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        worst = max(worst, abs(product - (i == j ? 1 : 0)))
      }
    }
    // Rounding to single precision moves a product of unit rows by less than 2^-23.
    #expect(worst < 0x1p-23)
    #expect(Self.tensor("lstm/recurrent_kernel") != Self.tensor("lstm_1/recurrent_kernel"))
  }

  @Test func `Biases are zero but for the forget gates`() {
    for name in ["conv1d/bias", "dense/bias", "dense_1/bias"] { #expect(Self.tensor(name).allSatisfy { $0 == 0 }) }
    for name in ["lstm/bias", "lstm_1/bias"] {
      #expect(Self.tensor(name) == (0..<256).map { (64..<128).contains($0) ? 1 : 0 })
    }
  }
}
