import Kernels
import Optimizers
import TestTags
import Testing

@Suite("An optimizer's state is guarded word by word", .tags(.pure))
struct ShardedOptimizerTests {
  private static let range = 32..<112
  private static let tensors = [0..<7, 7..<50, 50..<53, 53..<128]

  /// Every optimizer with all of its vectors.
  private static func optimizer(_ kind: OptimizerKind) -> ShardedOptimizer {
    var values = kind.defaults
    if values.momentum != nil { values.momentum = 0.5 }
    if values.centered != nil { values.centered = true }
    return ShardedOptimizer(kind.optimizer(values, tensors: tensors), weightDecay: 0.5, range: range)
  }

  private static func numbers(_ factor: Int) -> [Float] { (0..<128).map { Float(($0 * factor) % 97 - 48) / 64 } }

  private static func sums(_ optimizer: ShardedOptimizer, _ parameters: [Float]) -> SIMD8<UInt32> {
    func sum(_ values: [Float]) -> UInt32 { values.reduce(0) { $0 &+ $1.bitPattern } }
    var sums = SIMD8<UInt32>()
    sums[0] = sum(Array(parameters[range]))
    for index in 0..<optimizer.vectorCount {
      sums[1 + index] =
        optimizer.withVector(index) { sum(Array(UnsafeBufferPointer(start: $0, count: range.count))) } ?? 0
    }
    return sums
  }

  @Test(arguments: OptimizerKind.allCases)
  func `A step tells the words that it read and wrote`(_ kind: OptimizerKind) {
    var (optimizer, parameters) = (Self.optimizer(kind), Self.numbers(31))
    for step in 1...3 {
      optimizer.begin(step: step, learningRate: 0.01)
      let before = Self.sums(optimizer, parameters)
      let found = OptimizerSuite.step(
        &optimizer, parts: [32..<48, 48..<112], gradient: Self.numbers(step * 7 + 1), scale: 0.25,
        tensors: Self.tensors, parameters: &parameters)
      // What a first half reads is told apart, by who takes it.
      if !optimizer.usesTensorNorms { #expect(found.before == before, "step \(step)") }
      #expect(found.after == Self.sums(optimizer, parameters), "step \(step)")
      #expect(found.after != before)
    }
    #expect(parameters[..<32] == Self.numbers(31)[..<32] && parameters[112...] == Self.numbers(31)[112...])
  }

  @Test(arguments: OptimizerKind.allCases, [Float.nan, .infinity, -.infinity])
  func `What is not finite in a gradient is found`(_ kind: OptimizerKind, _ bad: Float) {
    var (optimizer, parameters) = (Self.optimizer(kind), Self.numbers(31))
    var gradient = Self.numbers(7)
    optimizer.begin(step: 1, learningRate: 0.01)
    OptimizerSuite.step(
      &optimizer, parts: [Self.range], gradient: gradient, scale: 1, tensors: Self.tensors, parameters: &parameters)
    #expect(optimizer.areFinite(Self.range, parameters: parameters))
    gradient[77] = bad
    optimizer.begin(step: 2, learningRate: 0.01)
    OptimizerSuite.step(
      &optimizer, parts: [Self.range], gradient: gradient, scale: 1, tensors: Self.tensors, parameters: &parameters)
    #expect(!optimizer.areFinite(Self.range, parameters: parameters))
    #expect(!optimizer.areFinite(64..<80, parameters: parameters))
    #expect(optimizer.areFinite(32..<64, parameters: parameters))
    #expect(!optimizer.isStateFinite(at: 77) || !parameters[77].isFinite)
    #expect(optimizer.isStateFinite(at: 76))
  }

  @Test(arguments: [OptimizerKind.adam, .rmsprop, .lamb])
  func `A gradient whose square overflows is found`(_ kind: OptimizerKind) {
    var (optimizer, parameters) = (Self.optimizer(kind), Self.numbers(31))
    var gradient = Self.numbers(7)
    gradient[40] = 1e20
    optimizer.begin(step: 1, learningRate: 0.01)
    OptimizerSuite.step(
      &optimizer, parts: [Self.range], gradient: gradient, scale: 1, tensors: Self.tensors, parameters: &parameters)
    #expect(parameters.allSatisfy(\.isFinite) || kind == .rmsprop)
    #expect(!optimizer.areFinite(Self.range, parameters: parameters) && !optimizer.isStateFinite(at: 40))
  }

  @Test func `Pieces are the same whatever the slices`() {
    let values = Self.numbers(53)
    func pieces(_ ranges: [Range<Int>]) -> [Double] {
      ranges.flatMap { range in
        let squares = TensorSquareSums(range: range, tensors: Self.tensors)
        var sums = [Double](repeating: -1, count: squares.count)
        values.withUnsafeBufferPointer { squares.measure($0.baseAddress! + range.lowerBound, into: &sums) }
        return sums
      }
    }
    let whole = pieces([0..<128])
    // Of the groups 0-16, 16-32, 32-48, 48-64, ...: a tensor ends at 7, and three meet in the fourth.
    #expect(whole.count == 2 + 1 + 1 + 3 + 4)
    #expect(pieces([0..<48, 48..<64, 64..<64, 64..<128]) == whole)
    #expect(pieces((0..<8).map { 16 * $0..<16 * $0 + 16 }) == whole)
    let exact = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(whole.reduce(0, +) / exact - 1) < 1e-14)
  }
}
