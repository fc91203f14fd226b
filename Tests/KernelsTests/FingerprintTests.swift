import Kernels
import ReferenceKernels
import TestTags
import Testing

/// What the kernels make of inputs by formula, recorded once: a build for vectors of another width, or for another CPU,
/// must give these very bits.
@Suite("Kernels give the recorded bits on every build", .tags(.bits))
struct FingerprintTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let recorded: String
    let values: @Sendable () -> [Float]

    init(_ name: String, _ recorded: String, _ values: @escaping @Sendable () -> [Float]) {
      testDescription = name
      self.recorded = recorded
      self.values = values
    }
  }

  static var shape: ProductShape { ProductShape(rows: 28, depth: 84, rowStride: 84, depthStride: 1) }
  static let a = Inputs.numbers(1, 28 * 84), b = Inputs.numbers(2, 84 * 64)
  static let sums = Inputs.numbers(3, 4 * 512, scale: 6), wide = Inputs.numbers(4, 1 << 16, scale: 100)

  static let cases = [
    Case("product", "663c091cee2f1f50") { output(28 * 64) { multiply(shape, a, b, into: $0) } },
    Case("product with bias", "4f0c2a3accf20ac8") { output(28 * 64) { multiply(shape, a, b, bias: sums, into: $0) } },
    Case("accumulating product", "ad192fcb1f3fd667") {
      output(28 * 64, from: Array(sums[..<1792])) { multiplyAccumulating(shape, a, b, into: $0) }
    },
    Case("masked product", "78aa7502b1e4e5cb") {
      output(28 * 64, from: Array(sums[..<1792])) {
        multiplyMaskedAccumulating(shape, a, b, mask: Array(wide[..<512]), into: $0)
      }
    },
    Case("exp", "6acfabec88f0733f") { output(1 << 16) { exponentials(wide, into: $0, count: 1 << 16) } },
    Case("sigmoid", "8ef19d41b3f6d85c") { output(1 << 16) { sigmoids(wide, into: $0, count: 1 << 16) } },
    Case("tanh", "dac8c16e67519a2f") { output(1 << 16) { hyperbolicTangents(wide, into: $0, count: 1 << 16) } },
    Case("LSTM cell", "afb4d212794eb9c3") { lstmCell() },
    Case("pooling", "2b9246e5b6f80536") { pooling() },
    Case("softmax", "2a0ff7e9f5fa70cd") {
      var loss: Float = 0
      let probabilities = output(32, from: Array(sums[..<32])) {
        loss = softmaxCrossEntropy($0, classes: 25, label: 4).loss
      }
      return probabilities + [Float](repeating: 0, count: 32) + [loss]
    },
    Case("column sums", "63438c4b3a8867f2") { output(64) { sumRows(wide, count: 1024, into: $0) } },
    Case("erf", "?") { output(1 << 16) { errorFunctions(wide, into: $0, count: 1 << 16) } },
    Case("activations", "?") { activations() },
    Case("shared maximum and mean", "?") { globalPooling() },
    Case("layer normalization", "?") { NormalizationTests.rows(sums, wide, channels: 25) },
    Case("group normalization", "?") { NormalizationTests.groups(sums, wide, channels: 24, size: 6) },
    Case("Adam", "b361e2d89d029b1f") { adam() },
    Case("the other optimizers", "0") { otherOptimizers() },
    Case("dropout", "aff9d30549ab6475") {
      (0..<24).flatMap { group in
        output(64) { dropoutMask(RowKey(seed: 7, epoch: 2, row: 99), group: group, rate: 0.3, into: $0) }
      }
    },
    Case("augmentation", "8c67088c42117fe7") { augmentation(AugmentationTests.changes) },
    Case("constant padding, lighting gradient, random erasing", "70a4df16285db2a9") {
      augmentation(AugmentationTests.laterChanges)
    },
    Case("standardisation", "bfd0815b9138c0bb") {
      output(784) { standardizeImage(AugmentationTests.image, into: $0, count: 784) }
    },
  ]

  @Test(arguments: cases)
  func `The recorded bits`(_ kernel: Case) {
    #expect(fingerprint(kernel.values()) == kernel.recorded, "with \(laneCount) lanes")
  }

  static func augmentation(_ changes: [AugmentationTests.Change]) -> [Float] {
    changes.flatMap {
      AugmentationTests.augmented(AugmentationTests.image, $0.change, seed: 7, epoch: 2, row: 99).map { Float($0) }
    }
  }

  /// The output, the states and the gates' gradients of a step.
  static func lstmCell() -> [Float] {
    var gates = sums
    var (cell, cellTanh) = (Array(wide[..<512]), Array(wide[512..<1024]))
    var carried = Array(wide[1024..<1536])
    return gates.withUnsafeMutableBufferPointer { gates in
      cell.withUnsafeMutableBufferPointer { cell in
        cellTanh.withUnsafeMutableBufferPointer { cellTanh in
          a.withUnsafeBufferPointer { previous in
            let buffers = LSTMCellBuffers(
              gates: gates.baseAddress!, gateStride: 512, previousCell: previous.baseAddress!, cell: cell.baseAddress!,
              cellTanh: cellTanh.baseAddress!)
            let h = output(512) { lstmCellForward(buffers, output: $0, count: 512) }
            lstmCellBackward(buffers, outputGradient: b, cellGradient: &carried, count: 512)
            return [h, Array(cell), Array(cellTanh), Array(gates), carried].flatMap { $0 }
          }
        }
      }
    }
  }

  /// ReLU, the larger of each two of 28 rows, and a mask.
  static func pooling() -> [Float] {
    let rows = output(1792, from: Array(sums[..<1792])) { rectify($0, count: 1792) }
    let pooled = output(896) { target in
      for pair in 0..<14 {
        PoolingTests.withWindow([2 * pair, 2 * pair + 1], block: 64) { maximum($0, rows, into: target + 64 * pair) }
      }
    }
    return output(896) { multiplyElements(pooled, wide, into: $0, count: 896) }
  }

  /// The gradient of the maximum of 7 rows, of which some are equal, and the mean with its gradient.
  static func globalPooling() -> [Float] {
    let rows = sums[..<448].map { ($0 / 2).rounded() }
    return PoolingTests.withWindow(Array(0..<7), block: 64) { window in
      let largest = output(64) { maximum(window, rows, into: $0) }
      let dx = output(448) { sharedMaximumBackward(window, a, input: rows, output: largest, into: $0) }
      let average = output(64) { mean(window, Array(sums), into: $0) }
      let share = output(448) { meanBackward(window, a, into: $0, accumulates: false) }
      return [largest, dx, average, share].flatMap { $0 }
    }
  }

  /// The activation functions of layers and their gradients.
  static func activations() -> [Float] {
    let (count, x) = (2048, sums)
    let leaky = output(count, from: x) { leakyRectify($0, slope: 0.2, count: count) }
    let gelu = output(count) { gelus(x, into: $0, count: count) }
    let geluGradient = output(count, from: Array(wide[..<count])) { gelusBackward($0, input: x, count: count) }
    let tanhGradient = output(count, from: Array(wide[..<count])) {
      hyperbolicTangentsBackward($0, activation: a, count: count)
    }
    let sigmoidGradient = output(count, from: Array(wide[..<count])) {
      sigmoidsBackward($0, activation: a, count: count)
    }
    let softmax = output(count, from: x) { softmaxRows($0, rows: 32, columns: 60, stride: 64) }
    let softmaxGradient = output(count, from: Array(wide[..<count])) {
      softmaxRowsBackward($0, activation: softmax, rows: 32, columns: 60, stride: 64)
    }
    return [leaky, gelu, geluGradient, tanhGradient, sigmoidGradient, softmax, softmaxGradient].flatMap { $0 }
  }

  /// Parameters and moments after a step.
  static func adam() -> [Float] {
    let constants = AdamConstants(
      gradientScale: 1 / 32, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, epsilon: 1e-7, rate: 0.001)
    var (m, v) = (Array(a[..<1024]), b[..<1024].map(\.magnitude))
    let parameters = output(1024, from: Array(sums[..<1024])) {
      adamStep(constants, gradient: wide, parameters: $0, moment1: &m, moment2: &v, count: 1024)
    }
    return parameters + m + v
  }

  /// Parameters and state after a step of every other optimizer.
  static func otherOptimizers() -> [Float] {
    let (start, m, v) = (Array(sums[..<1024]), Array(a[..<1024]), b[..<1024].map(\.magnitude))
    var states = [m, v, m, m, m, v].map { Array($0) }
    let descent = output(1024, from: start) {
      gradientDescentStep(gradientScale: 1 / 32, rate: 0.01, gradient: wide, parameters: $0, count: 1024)
    }
    let momentum = output(1024, from: start) {
      momentumStep(
        MomentumConstants(gradientScale: 1 / 32, rate: 0.01, momentum: 0.9, isNesterov: true), gradient: wide,
        parameters: $0, velocity: &states[0], count: 1024)
    }
    let rmsprop = output(1024, from: start) { parameters in
      var (velocity, average, update) = (states[1], states[2], states[3])
      average.withUnsafeMutableBufferPointer { average in
        update.withUnsafeMutableBufferPointer { update in
          rmspropStep(
            RMSpropConstants(
              gradientScale: 1 / 32, rate: 0.001, rho: 0.9, oneMinusRho: 0.1, momentum: 0.5, epsilon: 1e-7),
            gradient: wide, parameters: parameters, velocity: &velocity, average: average.baseAddress,
            update: update.baseAddress, count: 1024)
        }
      }
      (states[1], states[2], states[3]) = (velocity, average, update)
    }
    let lion = output(1024, from: start) {
      lionStep(
        LionConstants(
          gradientScale: 1 / 32, rate: 0.001, beta1: 0.9, oneMinusBeta1: 0.1, beta2: 0.99, oneMinusBeta2: 0.01),
        gradient: wide, parameters: $0, momentum: &states[4], count: 1024)
    }
    var moment1 = m
    let updates = output(1024) {
      lambUpdates(
        LambConstants(
          gradientScale: 1 / 32, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, correction1: 0.1, correction2: 0.001,
          epsilon: 1e-7), gradient: wide, moment1: &moment1, moment2: &states[5], into: $0, count: 1024)
    }
    let lamb = output(1001, from: Array(start[..<1001])) { subtractUpdates(updates, rate: 0.01, from: $0, count: 1001) }
    return [descent, momentum, rmsprop, lion, updates, lamb, moment1].flatMap { $0 } + states.flatMap { $0 }
  }
}
