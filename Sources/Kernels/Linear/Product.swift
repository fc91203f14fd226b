/// C = A · B.
public func multiply(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
) {
  computeTiles(shape, a, b, FromZero(c: c))
}

/// C = bias + A · B, with the same bias in every row.
public func multiply(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>
) {
  computeTiles(shape, a, b, FromBias(c: c, bias: bias))
}

/// C = C + A · B: each chain of multiply-adds starts from the value in C.
public func multiplyAccumulating(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
) {
  computeTiles(shape, a, b, Accumulating(c: c))
}

/// C = C + (A · B) ∘ M: M has one row, as far apart as C's, for each of the 8 samples of a micro-batch; row r of C
/// belongs to sample r mod 8.
public func multiplyMaskedAccumulating(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, mask: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>
) {
  let ends = MaskedAccumulating(c: c, mask: mask, stride: shape.cStride)
  computeTiles(shape, a, b, ends)
}

/// C = bias + A · B over gathered terms: the sums have only the k of a list, in the list's order. What the list leaves out
/// is as if A were zero there.
///
/// - Parameters:
///   - shape: `depth` is the length of the list; k times its strides is where A and B are read.
///   - terms: each k, ascending if the bits are to be those of the whole product.
public func multiply(
  _ shape: ProductShape, terms: UnsafePointer<Int32>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
) {
  let ends = FromBias(c: c, bias: bias)
  computeTiles(shape, terms: Listed(list: terms), a, b, ends)
}

/// C = C + A · B in gathered rows: only the rows of C that a list has, each from the same row of A.
///
/// - Parameters:
///   - shape: `rows` is the length of the list; a row's number times its strides is where A and C are.
///   - rows: the number of each row, none of them twice.
public func multiplyAccumulating(
  _ shape: ProductShape, rows: UnsafePointer<Int32>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>
) {
  computeTiles(shape, rows: Listed(list: rows), a, b, Accumulating(c: c))
}
