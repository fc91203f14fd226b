import Kernels
import NeuralNet
import Optimizers

/// A vector that the steps change and nothing else does.
enum StateVector: Int, CaseIterable {
  case parameters, moment1, moment2, average

  /// What it is called in messages.
  var name: String {
    switch self {
    case .parameters: "the parameters"
    case .moment1: "Adam's first moments"
    case .moment2: "Adam's second moments"
    case .average: "the moving average"
    }
  }
}

/// Sums of the words of a worker's slice of the state as a step has left it, block by block, and what was found changed since.
///
/// Between two steps nothing changes the state. A step reads every block just before it writes it: so the comparison costs
/// one more pass over what has to come into the first-level cache anyway.
struct StateSeals {
  /// A block that is not what it was.
  struct Broken: Equatable {
    /// The vector.
    var vector: StateVector
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
  /// The sums of each block, by `StateVector`.
  private var sums: [SIMD4<UInt32>]

  init(range: Range<Int>) {
    start = range.lowerBound
    sums = Array(repeating: SIMD4(), count: (range.count + Self.blockLength - 1) / Self.blockLength)
  }

  /// Notes what a block holds.
  mutating func seal(_ block: Range<Int>, _ found: SIMD4<UInt32>) {
    sums[(block.lowerBound - start) / Self.blockLength] = found
  }

  /// Compares a block with what was noted.
  mutating func compare(_ block: Range<Int>, _ found: SIMD4<UInt32>, step: Int) {
    let noted = sums[(block.lowerBound - start) / Self.blockLength]
    guard noted != found, broken == nil else { return }
    guard let vector = StateVector.allCases.first(where: { noted[$0.rawValue] != found[$0.rawValue] }) else { return }
    broken = Broken(vector: vector, block: block, step: step)
  }
}

extension TrainingStep {
  /// Notes what this worker's slice of the state is, or a part of it that begins with a block.
  func sealState(_ part: Range<Int>? = nil) {
    var rest = part ?? moments.range
    while let block = Self.takeBlock(&rest) { seals.seal(block, wordSums(block)) }
  }

  /// Compares the state with what was noted when a step had left it.
  func compareWithSeals(_ part: Range<Int>? = nil, step: Int) {
    var rest = part ?? moments.range
    while let block = Self.takeBlock(&rest) { seals.compare(block, wordSums(block), step: step) }
  }

  /// Steps a part of this worker's slice that begins with a block: each block is compared with what was noted, stepped, and
  /// noted again.
  func stepState(
    _ constants: AdamConstants, _ part: Range<Int>, _ sums: UnsafePointer<Float>, averageRate: Float
  ) {
    var rest = part
    while let block = Self.takeBlock(&rest) {
      var words = StepWordSums()
      if average != nil { words.before[3] = averageSum(block) }
      let stepped = moments.step(
        constants, part: block, gradient: sums + (block.lowerBound - part.lowerBound), parameters: reduction.shared)
      average?.follow(parameters, part: block, rate: averageRate)
      if average != nil { words.after[3] = averageSum(block) }
      seals.compare(block, stepped.before &+ words.before, step: stepsTaken)
      seals.seal(block, stepped.after &+ words.after)
    }
  }

  private func averageSum(_ block: Range<Int>) -> UInt32 {
    let place = block.lowerBound - moments.range.lowerBound
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
  private func wordSums(_ block: Range<Int>) -> SIMD4<UInt32> {
    let place = block.lowerBound - moments.range.lowerBound
    func sum(_ values: UnsafeBufferPointer<Float>) -> UInt32 {
      values.baseAddress.map { wordSum($0 + place, count: block.count) } ?? 0
    }
    return SIMD4(
      wordSum(parameters + block.lowerBound, count: block.count), moments.moment1.withUnsafeBufferPointer(sum),
      moments.moment2.withUnsafeBufferPointer(sum), averageSum(block))
  }
}

extension ParameterLayout {
  /// The names of the tensors that have numbers in a range.
  func names(in range: Range<Int>) -> [String] { tensors.filter { $0.range.overlaps(range) }.map(\.name) }
}
