import Kernels
import Optimizers

/// What tests of optimizers share.
enum OptimizerSuite {
  /// The ranges of tensors of these lengths that follow one another.
  static func ranges(_ lengths: [Int]) -> [Range<Int>] {
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return start..<start + length
    }
  }

  /// Takes one step, part by part, with the norms of the whole between its halves.
  ///
  /// - Returns: the sums of the words before and after, over all parts.
  @discardableResult
  static func step(
    _ optimizer: inout ShardedOptimizer, parts: [Range<Int>], gradient: [Float], scale: Float, tensors: [Range<Int>],
    parameters: inout [Float]
  ) -> StepWordSums {
    var sums = StepWordSums()
    gradient.withUnsafeBufferPointer { gradient in
      parameters.withUnsafeMutableBufferPointer { parameters in
        let (gradient, parameters) = (gradient.baseAddress!, parameters.baseAddress!)
        if optimizer.usesTensorNorms {
          for part in parts {
            optimizer.prepare(part, gradient: gradient + part.lowerBound, scale: scale, parameters: parameters)
          }
          optimizer.use(norms(optimizer, parameters, tensors))
        }
        for part in parts {
          let found = optimizer.update(
            part, gradient: gradient + part.lowerBound, scale: scale, parameters: parameters)
          sums.before &+= found.before
          sums.after &+= found.after
        }
      }
    }
    return sums
  }

  /// The norms of the tensors and their updates, of an optimizer that has all of them.
  private static func norms(
    _ optimizer: ShardedOptimizer, _ parameters: UnsafePointer<Float>, _ tensors: [Range<Int>]
  ) -> [TensorNorm] {
    let squares = TensorSquareSums(range: optimizer.range, tensors: tensors)
    func sums(_ values: UnsafePointer<Float>) -> [Double] {
      var pieces = [Double](repeating: 0, count: squares.count)
      squares.measure(values, into: &pieces)
      var sums = [Double](repeating: 0, count: tensors.count)
      var next = 0
      for segment in squares.segments {
        sums[segment.tensor] += pieces[next..<next + segment.pieces].reduce(0, +)
        next += segment.pieces
      }
      return sums
    }
    let updates = optimizer.withVector(optimizer.state.count, sums) ?? []
    return zip(sums(parameters), updates).map { parameters, updates in
      var norm = TensorNorm()
      (norm.parameters, norm.updates) = (parameters, updates)
      return norm
    }
  }
}
