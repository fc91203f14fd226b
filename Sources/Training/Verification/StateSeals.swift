import Kernels
import NeuralNet
import Optimizers

/// Sums of the words of a worker's slice of the state as a step has left it, block by block, and what was found changed since.
///
/// Between two steps nothing changes the state. A step reads every block just before it writes it: so the comparison costs
/// one more pass over what has to come into the first-level cache anyway.
struct StateSeals {
  /// A block that is not what it was.
  struct Broken: Equatable {
    /// The vector, by its lane of `StepWordSums`.
    var vector: Int
    /// Its indices, in the layout's order.
    var block: Range<Int>
    /// The step that found it.
    var step: Int
  }

  /// The length of a block; that of `ReproducibleReduction`, which hands out blocks of n.
  static let blockLength = 1024

  /// The first block that was found changed.
  private(set) var broken: Broken?

  private let start: Int
  /// The sums of each block, in the lanes of `StepWordSums`.
  private var sums: [SIMD8<UInt32>]

  init(range: Range<Int>) {
    start = range.lowerBound
    sums = Array(repeating: SIMD8(), count: (range.count + Self.blockLength - 1) / Self.blockLength)
  }

  /// Notes what a block holds.
  mutating func seal(_ block: Range<Int>, _ found: SIMD8<UInt32>) {
    sums[(block.lowerBound - start) / Self.blockLength] = found
  }

  /// Compares a block with what was noted.
  mutating func compare(_ block: Range<Int>, _ found: SIMD8<UInt32>, step: Int) {
    let noted = sums[(block.lowerBound - start) / Self.blockLength]
    guard noted != found, broken == nil else { return }
    guard let vector = noted.indices.first(where: { noted[$0] != found[$0] }) else { return }
    broken = Broken(vector: vector, block: block, step: step)
  }
}

extension TrainingStep {
  /// Notes what this worker's slice of the state is, or a part of it that begins with a block.
  func sealState(_ part: Range<Int>? = nil) {
    var rest = part ?? optimizer.range
    while let block = Self.takeBlock(&rest) { seals.seal(block, wordSums(block)) }
  }

  /// Compares the state with what was noted when a step had left it.
  func compareWithSeals(_ part: Range<Int>? = nil, step: Int) {
    var rest = part ?? optimizer.range
    while let block = Self.takeBlock(&rest) { seals.compare(block, wordSums(block), step: step) }
  }

  /// Steps a part of this worker's slice that begins with a block: each block is compared with what was noted, stepped, and
  /// noted again.
  func stepState(
    _ part: Range<Int>, _ sums: UnsafePointer<Float>, scale: Float, averageRate: Float
  ) {
    var rest = part
    while let block = Self.takeBlock(&rest) {
      var words = StepWordSums()
      if average != nil { words.before[StepWordSums.average] = averageSum(block) }
      let stepped = optimizer.update(
        block, gradient: sums + (block.lowerBound - part.lowerBound), scale: scale, parameters: reduction.shared)
      average?.follow(parameters, part: block, rate: averageRate)
      if average != nil { words.after[StepWordSums.average] = averageSum(block) }
      seals.compare(block, stepped.before &+ words.before, step: stepsTaken)
      seals.seal(block, stepped.after &+ words.after)
    }
  }

  /// Takes the first half of a step of this worker's whole slice, where norms are used: each block is compared with what was
  /// noted, prepared, and noted again.
  ///
  /// - Parameter sums: the slice's gradient.
  func prepareState(_ sums: UnsafePointer<Float>, scale: Float) {
    var rest = optimizer.range
    while let block = Self.takeBlock(&rest) {
      seals.compare(block, wordSums(block), step: stepsTaken)
      optimizer.prepare(
        block, gradient: sums + (block.lowerBound - optimizer.range.lowerBound), scale: scale,
        parameters: reduction.shared)
      seals.seal(block, wordSums(block))
    }
  }

  /// What a vector of the state is called in messages, by its lane of `StepWordSums`.
  func vectorName(_ lane: Int) -> String {
    switch lane {
    case 0: "the parameters"
    case StepWordSums.average: "the moving average"
    case let lane where lane <= optimizer.state.count: optimizer.state[lane - 1].description
    default: "the updates"
    }
  }

  private func averageSum(_ block: Range<Int>) -> UInt32 {
    let place = block.lowerBound - optimizer.range.lowerBound
    return average?.values.withUnsafeBufferPointer {
      $0.baseAddress.map { wordSum($0 + place, count: block.count) } ?? 0
    } ?? 0
  }

  @inline(__always)
  private static func takeBlock(_ rest: inout Range<Int>) -> Range<Int>? {
    guard !rest.isEmpty else { return nil }
    let block = rest.lowerBound..<min(rest.lowerBound + StateSeals.blockLength, rest.upperBound)
    rest = block.upperBound..<rest.upperBound
    return block
  }

  @inline(__always)
  private func wordSums(_ block: Range<Int>) -> SIMD8<UInt32> {
    let place = block.lowerBound - optimizer.range.lowerBound
    var sums = SIMD8<UInt32>()
    sums[0] = wordSum(parameters + block.lowerBound, count: block.count)
    for index in 0..<optimizer.vectorCount {
      sums[1 + index] = optimizer.withVector(index) { wordSum($0 + place, count: block.count) } ?? 0
    }
    sums[StepWordSums.average] = averageSum(block)
    return sums
  }
}

extension ParameterLayout {
  /// The names of the tensors that have numbers in a range.
  func names(in range: Range<Int>) -> [String] { tensors.filter { $0.range.overlaps(range) }.map(\.name) }
}
