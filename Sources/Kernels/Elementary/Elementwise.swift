/// output = a ∘ b over `count` numbers (a multiple of 16).
public func multiplyElements(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int
) {
  forEachVector(count) { (Lanes.load(a + $0) * Lanes.load(b + $0)).store(output + $0) }
}

/// sum += addend over `count` numbers (a multiple of 16).
public func addElements(_ addend: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count: Int) {
  forEachVector(count) { (Lanes.load(sum + $0) + Lanes.load(addend + $0)).store(sum + $0) }
}

/// output = values · scale + offset over `count` numbers (a multiple of 16), rounded after the product and after the sum.
public func rescale(
  _ values: UnsafePointer<Float>, by scale: Float, offset: Float, into output: UnsafeMutablePointer<Float>, count: Int
) {
  let (scale, offset) = (Lanes(repeating: scale), Lanes(repeating: offset))
  forEachVector(count) { (Lanes.load(values + $0) * scale + offset).store(output + $0) }
}

/// values = values · factor over `count` numbers (a multiple of 16).
public func scaleElements(_ values: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
  forEachVector(count) { (Lanes.load(values + $0) * Lanes(repeating: factor)).store(values + $0) }
}

/// Whether `count` numbers (a multiple of 16) are all finite: none is infinite or NaN.
///
/// 0 · x is 0 for a finite x and NaN otherwise, and NaN propagates through sums. Four independent sums hide the latency.
public func areFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool {
  let zero = Lanes()
  let width = Lanes.scalarCount
  var (a, b, c, d) = (Lanes(), Lanes(), Lanes(), Lanes())
  var at = 0
  while at &+ 4 &* width <= count {
    a.addProduct(Lanes.load(values + at), zero)
    b.addProduct(Lanes.load(values + (at &+ width)), zero)
    c.addProduct(Lanes.load(values + (at &+ 2 &* width)), zero)
    d.addProduct(Lanes.load(values + (at &+ 3 &* width)), zero)
    at &+= 4 &* width
  }
  while at < count {
    a.addProduct(Lanes.load(values + at), zero)
    at &+= width
  }
  let sum = (a + b) + (c + d)
  return sum == sum
}

/// sums = the sums of the columns (a multiple of 16) over `count` rows, in row order; rows are `stride` numbers apart.
public func sumRows(
  _ rows: UnsafePointer<Float>, count: Int, columns: Int = panelColumns, stride: Int? = nil,
  into sums: UnsafeMutablePointer<Float>
) {
  let stride = stride ?? columns
  var column = 0
  // Four vectors at once hide the latency of the additions.
  while column &+ 4 &* Lanes.scalarCount <= columns {
    sumRows(VectorCount<4>(), rows + column, count: count, stride: stride, into: sums + column)
    column &+= 4 &* Lanes.scalarCount
  }
  while column < columns {
    sumRows(VectorCount<1>(), rows + column, count: count, stride: stride, into: sums + column)
    column &+= Lanes.scalarCount
  }
}

/// A number of vectors, as a type.
private struct VectorCount<let vectors: Int> {}

@inline(__always)
private func sumRows<let vectors: Int>(
  _ size: VectorCount<vectors>, _ rows: UnsafePointer<Float>, count: Int, stride: Int,
  into sums: UnsafeMutablePointer<Float>
) {
  let width = Lanes.scalarCount
  var sum = InlineArray<vectors, Lanes> { _ in Lanes() }
  var row = rows
  for _ in 0..<count {
    for vector in 0..<vectors { sum[vector] += Lanes.load(row + vector &* width) }
    row += stride
  }
  for vector in 0..<vectors { sum[vector].store(sums + vector &* width) }
}

/// ReLU: x = max(x, 0) over `count` numbers (a multiple of 16); NaN stays NaN.
public func rectify(_ values: UnsafeMutablePointer<Float>, count: Int) {
  forEachVector(count) { Lanes.load(values + $0).rectified().store(values + $0) }
}

/// The backward pass of `rectify`: gradient = gradient where activation > 0, else 0, over `count` numbers (a multiple of
/// 16).
public func rectifyBackward(
  _ gradient: UnsafeMutablePointer<Float>, activation: UnsafePointer<Float>, count: Int
) {
  forEachVector(count) { at in
    let active = Lanes.load(activation + at) .> Lanes()
    Lanes().replacing(with: Lanes.load(gradient + at), where: active).store(gradient + at)
  }
}

/// Copies a [rows, columns] block between buffers with different row strides.
public func copyBlock(
  _ source: UnsafePointer<Float>, stride sourceStride: Int, into target: UnsafeMutablePointer<Float>,
  stride targetStride: Int, rows: Int, columns: Int
) {
  for row in 0..<rows {
    (target + row &* targetStride).update(from: source + row &* sourceStride, count: columns)
  }
}

/// output = values ∘ mask over `count` numbers; the mask of `maskCount` numbers (a multiple of 16) repeats.
public func multiplyByMask(
  _ values: UnsafePointer<Float>, _ mask: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
  maskCount: Int
) {
  var at = 0
  while at < count {
    multiplyElements(values + at, mask, into: output + at, count: maskCount)
    at &+= maskCount
  }
}
