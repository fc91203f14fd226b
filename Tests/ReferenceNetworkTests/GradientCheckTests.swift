import GoldenValues
import ReferenceNetwork
import TestTags
import Testing

@Suite("The reference network's gradient agrees with numerical differences", .tags(.golden, .slow))
struct GradientCheckTests {
  static let samples = 3

  /// Some entries of every tensor, spread over it. Left out are the places that the formula puts on a kink, where there is
  /// no derivative: filter 0 (ties in the pooling), filter 1 and unit 1 of the dense layer (relu at exactly zero).
  static var entries: [String: [Int]] {
    var entries: [String: [Int]] = [:]
    for tensor in Goldens.layout {
      let columns = tensor.shape.last!
      let spread = stride(from: 3, to: tensor.count, by: max(1, tensor.count / 11 | 1))
      entries[tensor.name] = spread.filter { entry in
        switch tensor.name {
        case "conv1d/kernel", "conv1d/bias": entry % columns > 1
        case "dense/kernel", "dense/bias": entry % columns != 1
        default: true
        }
      }
    }
    return entries
  }

  /// The sum of the losses of the first samples, as a function of the parameters.
  static func totalLoss(_ golden: Goldens.Case) -> ([String: [Double]]) -> Double {
    let batch = Goldens.batch(count: samples)
    let masks = Goldens.sampleMasks(golden)
    return { parameters in
      let model = ReferenceModel(parameters)
      return (0..<samples).map { n in
        let pixels = batch.pixels[n * 784..<(n + 1) * 784]
        return model.forward(pixels: pixels, masks: masks?[n] ?? .ones).loss(label: batch.labels[n])
      }.reduce(0, +)
    }
  }

  /// The sides of all kinks that the first samples take, as a function of the parameters.
  static func branches(_ golden: Goldens.Case) -> ([String: [Double]]) -> [[Int?]] {
    let batch = Goldens.batch(count: samples)
    let masks = Goldens.sampleMasks(golden)
    return { parameters in
      let model = ReferenceModel(parameters)
      return (0..<samples).map { n in
        model.forward(pixels: batch.pixels[n * 784..<(n + 1) * 784], masks: masks?[n] ?? .ones).branches
      }
    }
  }

  static func gradient(_ golden: Goldens.Case) -> [String: [Double]] {
    let batch = Goldens.batch(count: samples)
    let masks = Goldens.sampleMasks(golden).map { Array($0.prefix(samples)) }
    return ReferenceModel(Goldens.point).evaluate(pixels: batch.pixels, labels: batch.labels, masks: masks).gradients
  }

  @Test(arguments: Goldens.Case.allCases)
  func `Every tensor's gradient is the numerical one`(golden: Goldens.Case) {
    #expect(Self.entries.count == 12 && Self.entries.values.allSatisfy { $0.count >= 8 })
    let mismatches = GradientCheck().mismatches(
      of: Self.gradient(golden), at: Goldens.point, entries: Self.entries, function: Self.totalLoss(golden))
    #expect(mismatches.isEmpty, "\(mismatches)")
  }

  /// Where a step crossed a kink, the comparison above would fail for no fault of the gradient (or pass by luck).
  @Test(arguments: Goldens.Case.allCases)
  func `No step crosses a kink`(golden: Goldens.Case) {
    let branches = Self.branches(golden)
    #expect(GradientCheck().kinks(at: Goldens.point, entries: Self.entries, branches: branches) == [])
    // A step as long as the whole bias does switch the unit off: crossings are seen.
    let long = GradientCheck(step: 1)
    #expect(long.kinks(at: Goldens.point, entries: ["dense/bias": [2]], branches: branches) == ["dense/bias[2]"])
  }

  /// The negative control: wrong by a thousandth, in one entry of each tensor at a time, must not pass.
  @Test(arguments: Goldens.layout.map(\.name))
  func `A slightly wrong gradient is found`(name: String) throws {
    var gradient = Self.gradient(.dropout)
    let entry = try #require(Self.entries[name]?.max { abs(gradient[name]![$0]) < abs(gradient[name]![$1]) })
    gradient[name]![entry] *= 1.001
    let mismatches = GradientCheck().mismatches(
      of: gradient, at: Goldens.point, entries: [name: [entry]], function: Self.totalLoss(.dropout))
    #expect(mismatches.map(\.index) == [entry])
  }

  /// The negative control of the whole: the gradient without dropout is not that with dropout.
  @Test func `The gradient of another function is found`() {
    let mismatches = GradientCheck().mismatches(
      of: Self.gradient(.plain), at: Goldens.point, entries: Self.entries, function: Self.totalLoss(.dropout))
    #expect(Set(mismatches.map(\.name)) == Set(Goldens.layout.map(\.name)))
  }

  @Test func `A gradient that is not a number is found`() {
    let check = GradientCheck()
    let mismatches = check.mismatches(of: ["x": [.nan]], at: ["x": [1]], entries: ["x": [0]]) { $0["x"]![0] }
    #expect(mismatches.count == 1)
    #expect(check.mismatches(of: ["x": [1]], at: ["x": [1]], entries: ["x": [0]]) { $0["x"]![0] }.isEmpty)
  }
}
