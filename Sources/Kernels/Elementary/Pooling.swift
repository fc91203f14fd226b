/// ReLU, max pooling and dropout of the convolution's sums in one loop. Rows come in pairs, the image's rows 2t and 2t +
/// 1:
///
///     pooled = max(relu(even), relu(odd)) ∘ mask
///
/// The backward pass multiplies the gradient of each row of a pair by a factor, 0 or the mask. Of equal values the first
/// wins, as in Keras' backends.
///
/// - Parameters:
///   - rows: 2 x `count` / 64 rows of the convolution's sums, alternating even and odd.
///   - mask: the dropout mask of the pooled rows, with the same stride; nil for none.
///   - pooled: receives `count` / 64 rows, `pooledStride` apart.
///   - evenFactor, oddFactor: receive the backward factors, arranged as `pooled`; nil without a backward pass.
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

/// The gradient with respect to the convolution's sums: each pooled gradient times the factors of both rows of its pair.
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
