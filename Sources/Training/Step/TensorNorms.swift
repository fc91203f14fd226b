import Communication
import NeuralNet
import Optimizers

/// The norms of every tensor and of its update, for LAMB: the same bits on any layout.
///
/// Each worker sums the squares of the pieces of its slice (`TensorSquareSums`), all gather these sums, and each adds them up
/// in the order of the vector. No piece knows where a slice ends.
final class TensorNorms {
  /// The norms that were measured last, by tensor.
  private(set) var norms: [TensorNorm]

  private let communicator: any Communicator
  private let squares: TensorSquareSums
  private let isWhole: Bool
  private let counts: [Int]
  /// The workers' segments, in the order of the vector, and where in `all` the sums of the first one begin.
  private let parts: [(segments: [TensorSquareSums.Segment], start: Int, pieces: Int)]
  /// The worker's own sums: of the parameters, then of the updates.
  private var own: [Double]
  private var all: [Double]

  /// Makes the buffers. Collective.
  ///
  /// - Parameter range: the worker's slice of the parameters; or all of them, on every worker.
  init(_ communicator: any Communicator, range: Range<Int>, layout: ParameterLayout) throws {
    self.communicator = communicator
    let tensors = layout.tensors.map(\.range)
    squares = TensorSquareSums(range: range, tensors: tensors)
    norms = [TensorNorm](repeating: TensorNorm(), count: tensors.count)
    own = [Double](repeating: 0, count: 2 * squares.count)
    isWhole = range.count == layout.paddedCount
    guard !isWhole else {
      (counts, parts, all) = ([], [(squares.segments, 0, squares.count)], [])
      return
    }
    let bounds = try communicator.allGather([range.lowerBound, range.upperBound])
    let others = bounds.map { TensorSquareSums(range: $0[0]..<$0[1], tensors: tensors) }
    counts = others.map { 2 * $0.count }
    var (start, parts) = (0, [(segments: [TensorSquareSums.Segment], start: Int, pieces: Int)]())
    for other in others {
      parts.append((other.segments, start, other.count))
      start += 2 * other.count
    }
    all = [Double](repeating: 0, count: start)
    let order = bounds.indices.filter { parts[$0].pieces > 0 }.sorted { bounds[$0][0] < bounds[$1][0] }
    self.parts = order.map { parts[$0] }
  }

  /// Measures the parameters, and the updates that an optimizer has prepared of this worker's slice. Collective.
  ///
  /// - Parameter parameters: the whole flat buffer of parameters.
  func measure(_ parameters: UnsafePointer<Float>, _ optimizer: ShardedOptimizer) throws {
    own.withUnsafeMutableBufferPointer { own in
      guard let sums = own.baseAddress else { return }
      squares.measure(parameters + optimizer.range.lowerBound, into: sums)
      optimizer.withVector(optimizer.state.count) { squares.measure($0, into: sums + squares.count) }
    }
    for tensor in norms.indices { norms[tensor] = TensorNorm() }
    guard !isWhole else { return add(own) }
    try own.withUnsafeBufferPointer { own in
      try all.withUnsafeMutableBufferPointer { try communicator.allGather(own, into: $0, counts: counts) }
    }
    add(all)
  }

  /// Adds the pieces' sums, tensor by tensor, each in the order of the vector.
  private func add(_ sums: [Double]) {
    for part in parts {
      var index = part.start
      for segment in part.segments {
        for _ in 0..<segment.pieces {
          norms[segment.tensor].parameters += sums[index]
          norms[segment.tensor].updates += sums[index + part.pieces]
          index += 1
        }
      }
    }
  }
}
