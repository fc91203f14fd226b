/// The convolution's activation, pooling and dropout, in one pass behind the product: rows come in pairs (time steps 2t and
/// 2t + 1 of the image), the larger of which survives where it is positive.
///
///     pooled = max(relu(even), relu(odd)) ∘ mask
///
/// Backward needs, for either row of a pair, the factor 0 or mask: the first of equals wins, as in Keras' back ends.
///
/// - Parameters:
///   - rows: 2 x `count` / 64 rows of the convolution's sums, alternating even and odd.
///   - mask: the dropout factors of the pooled rows, or nil for none.
///   - pooled: receives `count` / 64 rows, `pooledStride` apart.
///   - evenFactor, oddFactor: receive the backward factors, laid out as `pooled`; nil where there is no backward.
public func poolPairs(
  _ rows: UnsafePointer<Float>, count: Int, mask: UnsafePointer<Float>?, into pooled: UnsafeMutablePointer<Float>,
  evenFactor: UnsafeMutablePointer<Float>?, oddFactor: UnsafeMutablePointer<Float>?, stride pooledStride: Int
) {
  for pair in 0..<count / panelColumns {
    let even = rows + 2 &* pair &* panelColumns
    let at = pair &* pooledStride
    forEachVector(panelColumns) { column in
      let first = Lanes.load(even + column)
      let second = Lanes.load(even + (panelColumns &+ column))
      let factor = mask.map { Lanes.load($0 + (at &+ column)) } ?? Lanes(repeating: 1)
      let firstWins = first .>= second
      let largest = second.replacing(with: first, where: firstWins)
      (largest.rectified() * factor).store(pooled + (at &+ column))
      guard let evenFactor, let oddFactor else { return }
      let active = Lanes().replacing(with: factor, where: largest .> Lanes())
      Lanes().replacing(with: active, where: firstWins).store(evenFactor + (at &+ column))
      active.replacing(with: Lanes(), where: firstWins).store(oddFactor + (at &+ column))
    }
  }
}

/// The gradient by the convolution's sums: each pooled gradient goes to both rows of its pair, times their factors.
public func poolPairsBackward(
  _ gradient: UnsafePointer<Float>, count: Int, evenFactor: UnsafePointer<Float>, oddFactor: UnsafePointer<Float>,
  stride pooledStride: Int, into rows: UnsafeMutablePointer<Float>
) {
  for pair in 0..<count / panelColumns {
    let even = rows + 2 &* pair &* panelColumns
    let at = pair &* pooledStride
    forEachVector(panelColumns) { column in
      let g = Lanes.load(gradient + (at &+ column))
      (g * Lanes.load(evenFactor + (at &+ column))).store(even + column)
      (g * Lanes.load(oddFactor + (at &+ column))).store(even + (panelColumns &+ column))
    }
  }
}
