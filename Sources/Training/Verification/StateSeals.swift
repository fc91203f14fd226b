import Kernels
import NeuralNet

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

/// Digests of a worker's slice of the state as a step has left it, block by block, and what was found changed since.
///
/// Between two steps nothing changes the state. A step reads every block just before it writes it: so the comparison costs
/// one more pass over what has to come into the first-level cache anyway.
struct StateSeals {
  /// A block that is not what it was.
  struct Broken: Equatable {
    /// The vector.
    var vector: StateVector
    /// Its numbers, in the layout's order.
    var block: Range<Int>
    /// The step that found it.
    var step: Int
  }

  /// The numbers of a block; that of `CanonicalExchange`, which hands out blocks of so many.
  static let blockLength = 1024

  /// The first block that was found changed.
  private(set) var broken: Broken?

  private let range: Range<Int>
  private var digests: [UInt64]

  init(range: Range<Int>) {
    self.range = range
    let blocks = (range.count + Self.blockLength - 1) / Self.blockLength
    digests = [UInt64](repeating: 0, count: blocks * StateVector.allCases.count)
  }

  /// Notes what a block holds.
  mutating func seal(_ vector: StateVector, _ block: Range<Int>, _ values: UnsafePointer<Float>) {
    digests[place(vector, block)] = Self.digest(block, values)
  }

  /// Compares a block with what was noted.
  mutating func compare(_ vector: StateVector, _ block: Range<Int>, _ values: UnsafePointer<Float>, step: Int) {
    guard digests[place(vector, block)] != Self.digest(block, values), broken == nil else { return }
    broken = Broken(vector: vector, block: block, step: step)
  }

  private func place(_ vector: StateVector, _ block: Range<Int>) -> Int {
    (block.lowerBound - range.lowerBound) / Self.blockLength * StateVector.allCases.count + vector.rawValue
  }

  private static func digest(_ block: Range<Int>, _ values: UnsafePointer<Float>) -> UInt64 {
    memoryDigest(values, byteCount: block.count * MemoryLayout<Float>.stride)
  }
}

extension TrainingStep {
  /// Notes what this worker's slice of the state is, or a part of it that begins with a block.
  func sealState(_ part: Range<Int>? = nil) {
    forEachStateBlock(part ?? moments.range) { vector, block, values in seals.seal(vector, block, values) }
  }

  /// Compares the state with what was noted when a step had left it.
  func compareWithSeals(_ part: Range<Int>? = nil, step: Int) {
    forEachStateBlock(part ?? moments.range) { vector, block, values in
      seals.compare(vector, block, values, step: step)
    }
  }

  @inline(__always)
  private func forEachStateBlock(_ part: Range<Int>, _ body: (StateVector, Range<Int>, UnsafePointer<Float>) -> Void) {
    let first = moments.range.lowerBound
    var start = part.lowerBound
    while start < part.upperBound {
      let block = start..<min(start + StateSeals.blockLength, part.upperBound)
      body(.parameters, block, parameters + block.lowerBound)
      moments.moment1.withUnsafeBufferPointer { visit(.moment1, block, $0, first, body) }
      moments.moment2.withUnsafeBufferPointer { visit(.moment2, block, $0, first, body) }
      average?.values.withUnsafeBufferPointer { visit(.average, block, $0, first, body) }
      start = block.upperBound
    }
  }

  @inline(__always)
  private func visit(
    _ vector: StateVector, _ block: Range<Int>, _ values: UnsafeBufferPointer<Float>, _ first: Int,
    _ body: (StateVector, Range<Int>, UnsafePointer<Float>) -> Void
  ) {
    guard let base = values.baseAddress else { return }
    body(vector, block, base + (block.lowerBound - first))
  }
}

extension ParameterLayout {
  /// The names of the tensors that have numbers in a range.
  func names(in range: Range<Int>) -> [String] { tensors.filter { $0.range.overlaps(range) }.map(\.name) }
}
