import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("The optimizers' kernels have the scalar twins' bits", .tags(.bits))
struct OptimizerKernelTests {
  static let count = 1024
  static let scale: Float = 1 / 32
  static let gradient = Inputs.numbersWithEdges(1, count)
  static let parameters = Inputs.numbersWithEdges(2, count, turn: 7)
  static let state = Inputs.numbers(3, count, scale: 0.01)
  static let squares = Inputs.numbers(4, count).map(\.magnitude)

  @Test func `Gradient descent`() {
    var expected = Self.parameters
    for i in 0..<Self.count {
      ReferenceKernels.gradientDescentStep(
        rate: 0.01, gradient: Self.gradient[i] * Self.scale, parameter: &expected[i])
    }
    expectSameBits(
      output(Self.count, from: Self.parameters) {
        gradientDescentStep(
          gradientScale: Self.scale, rate: 0.01, gradient: Self.gradient, parameters: $0, count: Self.count)
      }, expected)
  }

  @Test(arguments: [false, true])
  func `Momentum`(_ isNesterov: Bool) {
    var (p, m, found) = (Self.parameters, Self.state, Self.state)
    for i in 0..<Self.count {
      ReferenceKernels.momentumStep(
        rate: 0.01, momentum: 0.9, isNesterov: isNesterov, gradient: Self.gradient[i] * Self.scale, parameter: &p[i],
        velocity: &m[i])
    }
    let stepped = output(Self.count, from: Self.parameters) {
      momentumStep(
        MomentumConstants(gradientScale: Self.scale, rate: 0.01, momentum: 0.9, isNesterov: isNesterov),
        gradient: Self.gradient, parameters: $0, velocity: &found, count: Self.count)
    }
    expectSameBits(stepped, p, "parameters")
    expectSameBits(found, m, "velocity")
  }

  @Test(arguments: [false, true], [Float(0), 0.5])
  func `RMSprop`(_ isCentered: Bool, _ momentum: Float) {
    let constants = RMSpropConstants(
      gradientScale: Self.scale, rate: 0.001, rho: 0.9, oneMinusRho: 0.1, momentum: momentum, epsilon: 1e-7)
    var (p, v, a, u) = (Self.parameters, Self.squares, Self.state, Self.state)
    if momentum == 0 { u = [Float](repeating: 0, count: Self.count) }
    var (v2, a2, u2) = (v, a, u)
    for i in 0..<Self.count {
      ReferenceKernels.rmspropStep(
        rate: 0.001, rho: 0.9, oneMinusRho: 0.1, momentum: momentum, epsilon: 1e-7,
        gradient: Self.gradient[i] * Self.scale, parameter: &p[i], velocity: &v[i], average: &a[i], update: &u[i],
        isCentered: isCentered)
    }
    let stepped = output(Self.count, from: Self.parameters) { parameters in
      a2.withUnsafeMutableBufferPointer { a in
        u2.withUnsafeMutableBufferPointer { u in
          rmspropStep(
            constants, gradient: Self.gradient, parameters: parameters, velocity: &v2,
            average: isCentered ? a.baseAddress : nil, update: momentum > 0 ? u.baseAddress : nil, count: Self.count)
        }
      }
    }
    expectSameBits(stepped, p, "parameters")
    expectSameBits(v2, v, "velocity")
    if isCentered { expectSameBits(a2, a, "average") }
    if momentum > 0 { expectSameBits(u2, u, "update") }
  }

  @Test func `A variance that rounding makes negative counts as zero`() {
    // v = a² rounded down, so that v - a² is below zero and ε does not make up for it.
    let a: Float = 1000.123
    var v = [Float](repeating: (a * a).nextDown.nextDown, count: 16)
    var (average, parameters) = ([Float](repeating: a, count: 16), [Float](repeating: 1, count: 16))
    rmspropStep(
      RMSpropConstants(gradientScale: 1, rate: 0.001, rho: 1, oneMinusRho: 0, momentum: 0, epsilon: 1e-7),
      gradient: [Float](repeating: 0, count: 16), parameters: &parameters, velocity: &v, average: &average, update: nil,
      count: 16)
    #expect(parameters == [Float](repeating: 1, count: 16))
  }

  @Test func `Lion`() {
    let constants = LionConstants(
      gradientScale: Self.scale, rate: 0.001, beta1: 0.875, oneMinusBeta1: 0.125, beta2: 0.75, oneMinusBeta2: 0.25)
    // Where both are zero there is no direction, and no step.
    let start = Self.state.enumerated().map { $0 % 3 == 0 ? 0 : $1 }
    var (p, m, found) = (Self.parameters, start, start)
    for i in 0..<Self.count {
      ReferenceKernels.lionStep(
        rate: 0.001, beta1: 0.875, beta2: 0.75, gradient: Self.gradient[i] * Self.scale, parameter: &p[i],
        momentum: &m[i])
    }
    let stepped = output(Self.count, from: Self.parameters) {
      lionStep(constants, gradient: Self.gradient, parameters: $0, momentum: &found, count: Self.count)
    }
    expectSameBits(stepped, p, "parameters")
    expectSameBits(found, m, "momentum")
  }

  @Test func `Both halves of LAMB`() {
    let constants = LambConstants(
      gradientScale: Self.scale, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, correction1: 0.19, correction2: 0.002,
      epsilon: 1e-7)
    var (m, v) = (Self.state, Self.squares)
    var (m2, v2) = (m, v)
    let expected = (0..<Self.count).map {
      ReferenceKernels.lambUpdate(
        oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, correction1: 0.19, correction2: 0.002, epsilon: 1e-7,
        gradient: Self.gradient[$0] * Self.scale, moment1: &m[$0], moment2: &v[$0])
    }
    let updates = output(Self.count) {
      lambUpdates(constants, gradient: Self.gradient, moment1: &m2, moment2: &v2, into: $0, count: Self.count)
    }
    expectSameBits(updates, expected, "updates")
    expectSameBits(m2, m, "moment 1")
    expectSameBits(v2, v, "moment 2")
    for count in [0, 1, 5, 16, 37] {
      expectSameBits(
        output(count, from: Array(Self.state.prefix(count))) {
          subtractUpdates(updates, rate: 0.01, from: $0, count: count)
        }, (0..<count).map { Self.state[$0] - 0.01 * updates[$0] })
      let sum = Self.state.prefix(count).reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(squareSum(Self.state, count: count) == sum)
    }
  }
}
