/// output = a ∘ b over `count` numbers (a multiple of 16).
public func multiplyElements(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int
) {
  for at in vectors(count) { (Lanes.load(a + at) * Lanes.load(b + at)).store(output + at) }
}

/// largest = max(largest, values) over `count` numbers (a multiple of 16).
public func maximumElements(_ values: UnsafePointer<Float>, into largest: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) {
    let (old, new) = (Lanes.load(largest + at), Lanes.load(values + at))
    old.replacing(with: new, where: new .> old).store(largest + at)
  }
}

/// sum += addend over `count` numbers (a multiple of 16).
public func addElements(_ addend: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) { (Lanes.load(sum + at) + Lanes.load(addend + at)).store(sum + at) }
}

/// output = values · scale + offset over `count` numbers (a multiple of 16), rounded after the product and after the sum.
public func rescale(
  _ values: UnsafePointer<Float>, by scale: Float, offset: Float, into output: UnsafeMutablePointer<Float>, count: Int
) {
  let (scale, offset) = (Lanes(repeating: scale), Lanes(repeating: offset))
  for at in vectors(count) { (Lanes.load(values + at) * scale + offset).store(output + at) }
}

/// values = values · factor over `count` numbers (a multiple of 16).
public func scaleElements(_ values: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
  for at in vectors(count) { (Lanes.load(values + at) * Lanes(repeating: factor)).store(values + at) }
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
  for at in vectors(count) { Lanes.load(values + at).rectified().store(values + at) }
}

/// The backward pass of `rectify`: gradient = gradient where activation > 0, else 0, over `count` numbers (a multiple of
/// 16).
public func rectifyBackward(
  _ gradient: UnsafeMutablePointer<Float>, activation: UnsafePointer<Float>, count: Int
) {
  for at in vectors(count) {
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
    copyNumbers(source + row &* sourceStride, into: target + row &* targetStride, count: columns)
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
