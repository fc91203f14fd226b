import Glibc
import Kernels
import ReferenceKernels
import TestTags
import Testing

/// exp, tanh, sigmoid and the logarithm: the twins' bits, and how far they are from the truth.
///
/// Bounds, in units of the last place of the result: the exponential's polynomial is right to 3e-9 (0.05 ulp), so that the
/// last fused multiply-adds' roundings remain, below 1 ulp; the sigmoid adds a sum and a quotient. tanh's approximation is
/// right to 2.1e-8 (0.35 ulp); x², two Horner schemes (about 1 ulp each), a product and a quotient round: measured 4.1 ulp.
/// fit_elementary.py prints the approximations' own errors.
@Suite("exp, tanh, sigmoid and the logarithm have recorded bits and small errors", .tags(.bits))
struct ElementaryTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kernel: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    let twin: @Sendable (Float) -> Float
    let exact: @Sendable (Double) -> Double
    /// Where the result is neither clamped nor denormal, and the greatest error there in ulp.
    let domain: ClosedRange<Float>, ulps: Double

    func callAsFunction(_ x: [Float]) -> [Float] {
      let padded = x + [Float](repeating: 0, count: (16 - x.count % 16) % 16)
      return Array(output(padded.count) { kernel(padded, $0, padded.count) }.prefix(x.count))
    }
  }

  static let functions = [
    Function(
      testDescription: "exp", kernel: { exponentials($0, into: $1, count: $2) }, twin: ReferenceKernels.exponential,
      exact: { exp($0) }, domain: -87...88, ulps: 1),
    Function(
      testDescription: "sigmoid", kernel: { sigmoids($0, into: $1, count: $2) }, twin: ReferenceKernels.sigmoid,
      exact: { 1 / (1 + exp(-$0)) }, domain: -87...1000, ulps: 2.5),
    Function(
      testDescription: "tanh", kernel: { hyperbolicTangents($0, into: $1, count: $2) },
      twin: ReferenceKernels.hyperbolicTangent, exact: { tanh($0) }, domain: -1000...1000, ulps: 4.5),
    Function(
      testDescription: "erf", kernel: { errorFunctions($0, into: $1, count: $2) },
      twin: ReferenceKernels.errorFunction, exact: { erf($0) }, domain: -1000...1000, ulps: 5),
  ]

  /// Every 1009th single-precision number of either sign up to 1000, from the smallest on: 2.2 million.
  static let sweep: [Float] = {
    let magnitudes = stride(from: UInt32(0), to: Float(1000).bitPattern, by: 1009).map { Float(bitPattern: $0) }
    return magnitudes + magnitudes.map { -$0 }
  }()

  @Test(arguments: functions)
  func `The kernel has the twin's bits`(_ function: Function) {
    let x = Self.sweep + Inputs.edges
    expectSameBits(function(x), x.map(function.twin), function.testDescription)
  }

  @Test(arguments: functions)
  func `The kernel is right to a few ulp`(_ function: Function) {
    let x = Self.sweep.filter(function.domain.contains)
    var (worst, place) = (0.0, Float(0))
    for (x, value) in zip(x, function(x)) {
      let exact = function.exact(Double(x))
      let error = abs(Double(value) - exact) / Double(Float(exact).ulp)
      if !(error <= worst) { (worst, place) = (error, x) }
    }
    #expect(worst <= function.ulps, "\(function.testDescription)(\(place)) is \(worst) ulp off")
  }

  @Test func `Beyond their domains they hold their last value, and NaN stays NaN`() {
    let x: [Float] = [88, 89, 1000, .infinity, -87, -88, -1000, -.infinity]
    for function in Self.functions {
      let y = function(x)
      #expect(Set(y.prefix(4)).count == 1 && Set(y.suffix(4)).count <= 2, "\(function.testDescription)")
      #expect(y.allSatisfy(\.isFinite) && function([.nan])[0].isNaN, "\(function.testDescription)")
    }
    #expect(Self.functions[0]([0, -0.0]) == [1, 1])
    #expect(Self.functions[1]([0, 1000, -1000])[..<2] == [0.5, 1])
    #expect(Self.functions[1]([-1000])[0] < 1e-38)
    #expect(Self.functions[3]([0, 1000, -1000]) == [0, 1, -1])
    #expect(Self.functions[2]([0, 1000, -1000]) == [0, (1 as Float).nextDown, -(1 as Float).nextDown])
  }

  @Test func `tanh is odd, sigmoid has its symmetry, and both keep their ranges`() {
    let x = Self.sweep.filter { $0 > 0 }
    let (positive, negative) = (Self.functions[2](x), Self.functions[2](x.map { -$0 }))
    expectSameBits(negative, positive.map { -$0 })
    // Rounding may take tanh past 1, by no more than its error.
    #expect(positive.allSatisfy { $0 > 0 && $0 <= 1 + 0x1p-22 })
    let (up, down) = (Self.functions[1](x), Self.functions[1](x.map { -$0 }))
    // Two errors of at most 2.5 ulp of numbers below 1, and the sum's rounding.
    #expect(zip(up, down).allSatisfy { abs($0 + $1 - 1) <= 4 * 0x1p-24 })
    #expect(zip(up, down).allSatisfy { $0 >= 0.5 && $0 <= 1 && $1 > 0 && $1 <= 0.5 })
  }

  @Test func `The logarithm`() {
    let x = Self.sweep.filter { $0 >= .leastNormalMagnitude }
    let values = x.map { naturalLogarithm(Double($0)) }
    #expect(values == x.map { ReferenceKernels.naturalLogarithm(Double($0)) })
    #expect(x.map { naturalLogarithm($0) } == values.map { Float($0) })
    let errors = zip(x, values).map { x, value in abs(value - log(Double(x))) / max(abs(log(Double(x))), 1e-300) }
    let worst = errors.max() ?? .infinity
    // The quotient's rounding, the last Horner step's, three products' and the sum's: some 2^-53 each.
    #expect(worst < 8 * 0x1p-53, "relative error \(worst)")
    #expect(naturalLogarithm(1.0) == 0)
  }
}
