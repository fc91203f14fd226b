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
  for column in vectors(columns) {
    var sum = Lanes()
    for row in 0..<count { sum += Lanes.load(rows + (row &* stride &+ column)) }
    sum.store(sums + column)
  }
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

/// Scales pixels from 0-255 to [0, 1]: pixel / 255, correctly rounded.
public func pixelsToUnit(_ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int) {
  for at in 0..<count { output[at] = Float(pixels[at]) / 255 }
}

/// sums += the sums of the columns (a multiple of 16) over `count` rows, in row order; rows are `stride` numbers apart.
public func addRows(
  _ rows: UnsafePointer<Float>, count: Int, columns: Int = panelColumns, stride: Int? = nil,
  to sums: UnsafeMutablePointer<Float>
) {
  let stride = stride ?? columns
  for column in vectors(columns) {
    var sum = Lanes.load(sums + column)
    for row in 0..<count { sum += Lanes.load(rows + (row &* stride &+ column)) }
    sum.store(sums + column)
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
