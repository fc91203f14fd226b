import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Normalizations have the scalar twins' bits", .tags(.bits))
struct NormalizationTests {
  static let epsilon: Float = 0.001

  /// Rows of `channels` numbers in whole vectors; what is past the channels is NaN, which would show if it counted.
  static func padded(_ rows: [[Float]]) -> [Float] {
    rows.flatMap { $0 + [Float](repeating: .nan, count: (16 - $0.count % 16) % 16) }
  }

  static func rows(_ numbers: [Float], count: Int, channels: Int) -> [[Float]] {
    (0..<count).map { Array(numbers[$0 * channels..<($0 + 1) * channels]) }
  }

  /// The channels of padded rows.
  static func channels(_ values: [Float], _ channels: Int) -> [[Float]] {
    let stride = (channels + 15) / 16 * 16
    return Swift.stride(from: 0, to: values.count, by: stride).map { Array(values[$0..<$0 + channels]) }
  }

  /// What layer normalization makes of rows, gamma, beta and a gradient: y, dx, and the gradient by gamma.
  static func layerNormalization(
    _ x: [[Float]], gamma: [Float], beta: [Float], dy: [[Float]]
  ) -> (y: [[Float]], dx: [[Float]], gamma: [Float]) {
    let count = gamma.count
    let (input, gradient, g, b) = (padded(x), padded(dy), padded([gamma]), padded([beta]))
    var (means, inverses) = (x.map { _ in Float(0) }, x.map { _ in Float(0) })
    return means.withUnsafeMutableBufferPointer { means in
      inverses.withUnsafeMutableBufferPointer { inverses in
        let shape = NormalizedRows(
          rows: x.count, channels: count, stride: g.count, means: means.baseAddress!, inverses: inverses.baseAddress!)
        let y = output(input.count) { normalizeRows(shape, input, gamma: g, beta: b, epsilon: epsilon, into: $0) }
        let sums = output(g.count) { normalizedRowsGammaGradient(shape, gradient, input: input, into: $0) }
        let dx = output(input.count, from: gradient) {
          normalizeRowsBackward(shape, $0, input: input, gamma: g, into: $0)
        }
        return (channels(y, count), channels(dx, count), Array(sums[..<count]))
      }
    }
  }

  /// What group normalization makes of a sample, gamma, beta and a gradient.
  static func groupNormalization(
    _ x: [[Float]], size: Int, gamma: [Float], beta: [Float], dy: [[Float]]
  ) -> (y: [[Float]], beta: [Float], gamma: [Float], dx: [[Float]]) {
    let count = gamma.count
    let (input, gradient, g, b) = (padded(x), padded(dy), padded([gamma]), padded([beta]))
    var (means, inverses) = (g, g)
    return means.withUnsafeMutableBufferPointer { means in
      inverses.withUnsafeMutableBufferPointer { inverses in
        let shape = NormalizedGroups(
          positions: x.count, channels: count, size: size, stride: g.count, means: means.baseAddress!,
          inverses: inverses.baseAddress!)
        let y = output(input.count) { normalizeGroups(shape, input, gamma: g, beta: b, epsilon: epsilon, into: $0) }
        var gammas = g
        let betas = output(g.count) {
          normalizedGroupSums(shape, gradient, input: input, betaSums: $0, gammaSums: &gammas)
        }
        var (betaSums, gammaSums) = (betas, gammas)
        let dx = output(input.count, from: gradient) {
          normalizeGroupsBackward(
            shape, $0, input: input, gamma: g, betaSums: &betaSums, gammaSums: &gammaSums, into: $0)
        }
        return (channels(y, count), Array(betas[..<count]), Array(gammas[..<count]), channels(dx, count))
      }
    }
  }

  @Test(arguments: [1, 3, 4, 10, 15, 16, 17, 25, 33, 64, 100, 128], [false, true])
  func `Layer normalization and its gradients`(_ channels: Int, edges: Bool) {
    let numbers = edges ? Inputs.numbersWithEdges(1, 7 * channels) : Inputs.numbers(1, 7 * channels, scale: 3)
    let x = Self.rows(numbers, count: 7, channels: channels)
    let dy = Self.rows(Inputs.numbers(2, 7 * channels), count: 7, channels: channels)
    let (gamma, beta) = (Inputs.numbers(3, channels), Inputs.numbers(4, channels))
    let found = Self.layerNormalization(x, gamma: gamma, beta: beta, dy: dy)
    var gammaGradient = gamma.map { _ in Float(0) }
    for (row, x) in x.enumerated() {
      expectSameBits(
        found.y[row], ReferenceKernels.normalized(x, gamma: gamma, beta: beta, epsilon: Self.epsilon), "y")
      expectSameBits(
        found.dx[row], ReferenceKernels.normalizedGradient(dy[row], x, gamma: gamma, epsilon: Self.epsilon), "dx")
      let (mean, inverse) = ReferenceKernels.moments(x, epsilon: Self.epsilon)
      gammaGradient = gammaGradient.indices.map {
        gammaGradient[$0].addingProduct(dy[row][$0], (x[$0] - mean) * inverse)
      }
    }
    expectSameBits(found.gamma, gammaGradient, "gamma")
  }

  @Test(arguments: [(1, 1), (12, 3), (25, 5), (24, 24), (32, 1), (32, 16), (40, 20), (64, 2), (100, 50)], [1, 9])
  func `Group normalization and its gradients`(_ shape: (channels: Int, size: Int), positions: Int) {
    let (channels, size) = shape
    let x = Self.rows(Inputs.numbers(1, positions * channels, scale: 3), count: positions, channels: channels)
    let dy = Self.rows(Inputs.numbers(2, positions * channels), count: positions, channels: channels)
    let (gamma, beta) = (Inputs.numbers(3, channels), Inputs.numbers(4, channels))
    let found = Self.groupNormalization(x, size: size, gamma: gamma, beta: beta, dy: dy)
    let twin = ReferenceKernels.Groups(x, size: size, epsilon: Self.epsilon)
    let gradients = twin.gradients(dy, gamma: gamma)
    let output = twin.output(gamma: gamma, beta: beta)
    for position in 0..<positions {
      expectSameBits(found.y[position], output[position], "y")
      expectSameBits(found.dx[position], gradients.input[position], "dx")
    }
    expectSameBits(found.beta, gradients.beta, "beta")
    expectSameBits(found.gamma, gradients.gamma, "gamma")
  }

  @Test func `The mean and the variance are those of double precision`() {
    // Numbers far from zero: E[x²] - E[x]² would lose all digits.
    let x = Self.rows(Inputs.numbers(1, 3 * 100).map { 1000 + $0 }, count: 3, channels: 100)
    let (ones, zeros) = (x[0].map { _ in Float(1) }, x[0].map { _ in Float(0) })
    let rows = Self.layerNormalization(x, gamma: ones, beta: zeros, dy: x).y
    let group = Self.groupNormalization(x, size: 100, gamma: ones, beta: zeros, dy: x).y
    func normalized(_ values: [Float]) -> [Double] {
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
      let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
      return values.map { (Double($0) - mean) / (variance + Double(Self.epsilon)).squareRoot() }
    }
    func isNear(_ found: [Float], _ exact: [Double]) -> Bool {
      // The mean of numbers near 1000 is known to a few ulp of theirs, 2^-14 each; the deviation is some 0.6.
      zip(found, exact).allSatisfy { abs(Double($0) - $1) < 4 * 0x1p-14 }
    }
    for row in 0..<3 { #expect(isNear(rows[row], normalized(x[row]))) }
    #expect(isNear(group.flatMap { $0 }, normalized(x.flatMap { $0 })))
  }

  /// What layer normalization makes of 8 rows, as one list.
  static func rows(_ a: [Float], _ b: [Float], channels: Int) -> [Float] {
    let found = layerNormalization(
      rows(a, count: 8, channels: channels), gamma: Array(b[..<channels]), beta: Array(b[channels..<2 * channels]),
      dy: rows(Array(b[2 * channels..<10 * channels]), count: 8, channels: channels))
    return found.y.flatMap { $0 } + found.dx.flatMap { $0 } + found.gamma
  }

  /// What group normalization makes of 8 positions, as one list.
  static func groups(_ a: [Float], _ b: [Float], channels: Int, size: Int) -> [Float] {
    let found = groupNormalization(
      rows(a, count: 8, channels: channels), size: size, gamma: Array(b[..<channels]),
      beta: Array(b[channels..<2 * channels]),
      dy: rows(Array(b[2 * channels..<10 * channels]), count: 8, channels: channels))
    return found.y.flatMap { $0 } + found.beta + found.gamma + found.dx.flatMap { $0 }
  }
}
