/// Elementary functions over vectors, by polynomials of our own: the bits depend on neither the machine's math library
/// nor the vector width. NaN propagates, so that divergence shows in the loss. `Tests/Goldens/fit_elementary.py` computes
/// the coefficients.
///
/// Those of several vectors compute them side by side, operation by operation: by itself, each is a chain of operations that
/// wait for one another. Functions of one vector are transparent, not only `@inline(__always)`, which leaves calls in loops
/// with several of them: each call would spill every vector register.
enum Elementary {
  /// e^x. The argument is clamped to [-87, 88], where the result is a normal number. The error is below 1 ulp.
  ///
  /// x = n ln 2 + r with |r| <= ln 2 / 2 (ln 2 in two parts, after Cody and Waite), and a polynomial of degree 6 in r.
  @inline(__always)
  static func exp<let count: Int>(_ arguments: InlineArray<count, Lanes>) -> InlineArray<count, Lanes> {
    let x = InlineArray<count, Lanes> { arguments[$0].clamped(-87, 88) }
    // Adding 1.5 * 2^23 rounds to an integer and puts it in the low bits.
    let shifted = horner(0x1.8p23, InlineArray(repeating: Lanes(repeating: 0x1.715476p0)), x)
    let n = InlineArray<count, Lanes> { shifted[$0] - Lanes(repeating: 0x1.8p23) }
    var r = InlineArray<count, Lanes> { x[$0].adding(product: n[$0], Lanes(repeating: -0x1.62e4p-1)) }
    r = InlineArray { r[$0].adding(product: n[$0], Lanes(repeating: -0x1.7f7d1cp-20)) }
    var p = horner(8.36871e-3, InlineArray(repeating: Lanes(repeating: 1.381461e-3)), r)
    p = horner(4.166839e-2, p, r)
    p = horner(1.6666521e-1, p, r)
    p = horner(4.9999994e-1, p, r)
    p = horner(1, p, r)
    p = horner(1, p, r)
    return InlineArray {
      let exponent = unsafeBitCast(shifted[$0], to: WordLanes.self) &<< 23
      return unsafeBitCast(unsafeBitCast(p[$0], to: WordLanes.self) &+ exponent, to: Lanes.self)
    }
  }

  /// 1 / (1 + e^-x).
  @inline(__always)
  static func sigmoid<let count: Int>(_ x: InlineArray<count, Lanes>) -> InlineArray<count, Lanes> {
    let powers = exp(InlineArray<count, Lanes> { -x[$0] })
    return InlineArray { Lanes(repeating: 1) / (Lanes(repeating: 1) + powers[$0]) }
  }

  /// coefficient + p x: a step of Horner's rule.
  @inline(__always)
  private static func horner<let count: Int>(
    _ coefficient: Float, _ p: InlineArray<count, Lanes>, _ x: InlineArray<count, Lanes>
  ) -> InlineArray<count, Lanes> {
    InlineArray { Lanes(repeating: coefficient).adding(product: p[$0], x[$0]) }
  }

  /// e^x of one vector.
  @_transparent
  static func exp(_ x: Lanes) -> Lanes { exp([x] as InlineArray<1, Lanes>)[0] }

  /// 1 / (1 + e^-x) of one vector.
  @_transparent
  static func sigmoid(_ x: Lanes) -> Lanes { sigmoid([x] as InlineArray<1, Lanes>)[0] }

  /// tanh x = x P(x²) / Q(x²), a rational approximation on [-9, 9]; outside, tanh is ±1 in single precision. The error is
  /// below 4.5 ulp, so a result may exceed 1 by that much.
  @_transparent
  static func tanh(_ argument: Lanes) -> Lanes {
    let x = argument.clamped(-9, 9)
    let z = x * x
    var p = Lanes(repeating: 1.3354686e-8)
    p = Lanes(repeating: 2.0609115e-5).adding(product: p, z)
    p = Lanes(repeating: 3.4955908e-3).adding(product: p, z)
    p = Lanes(repeating: 1.3381028e-1).adding(product: p, z)
    p = Lanes(repeating: 1).adding(product: p, z)
    var q = Lanes(repeating: 7.7765725e-7)
    q = Lanes(repeating: 3.2856388e-4).adding(product: q, z)
    q = Lanes(repeating: 2.5876993e-2).adding(product: q, z)
    q = Lanes(repeating: 4.6714345e-1).adding(product: q, z)
    q = Lanes(repeating: 1).adding(product: q, z)
    return x * p / q
  }

  /// erf x = x P(x²) / Q(x²), a rational approximation on [-3.9, 3.9]; outside, erf is ±1 in single precision. The
  /// error is below 5.5 ulp.
  @_transparent
  static func erf(_ argument: Lanes) -> Lanes {
    let x = argument.clamped(-3.9, 3.9)
    let z = x * x
    var p = Lanes(repeating: 2.0664424e-6)
    p = Lanes(repeating: 2.8506017e-4).adding(product: p, z)
    p = Lanes(repeating: 3.7383502e-3).adding(product: p, z)
    p = Lanes(repeating: 5.2668087e-2).adding(product: p, z)
    p = Lanes(repeating: 1.8966722e-1).adding(product: p, z)
    p = Lanes(repeating: 1.1283791).adding(product: p, z)
    var q = Lanes(repeating: 3.8269594e-5)
    q = Lanes(repeating: 1.1573732e-3).adding(product: q, z)
    q = Lanes(repeating: 1.4914286e-2).adding(product: q, z)
    q = Lanes(repeating: 1.1381908e-1).adding(product: q, z)
    q = Lanes(repeating: 5.01421e-1).adding(product: q, z)
    q = Lanes(repeating: 1).adding(product: q, z)
    return x * p / q
  }
}

/// output = e^x of `count` numbers (a multiple of 16).
public func exponentials(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) { Elementary.exp(.load(input + at)).store(output + at) }
}

/// output = the logistic sigmoid of `count` numbers (a multiple of 16); they may be the same numbers.
public func sigmoids(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  if Lanes.scalarCount == 8 {
    // 16 registers: the arguments, remainders and polynomials of 4 vectors.
    sigmoids(input, into: output, count: count, InlineArray<4, Int>(repeating: 0))
  } else {
    sigmoids(input, into: output, count: count, InlineArray<8, Int>(repeating: 0))
  }
}

@inline(__always)
private func sigmoids<let group: Int>(
  _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int, _: InlineArray<group, Int>
) {
  let width = Lanes.scalarCount
  var at = 0
  while at &+ group &* width <= count {
    let values = Elementary.sigmoid(InlineArray<group, Lanes> { Lanes.load(input + (at &+ $0 &* width)) })
    for n in 0..<group { values[n].store(output + (at &+ n &* width)) }
    at &+= group &* width
  }
  while at < count {
    Elementary.sigmoid(.load(input + at)).store(output + at)
    at &+= width
  }
}

/// output = tanh of `count` numbers (a multiple of 16).
public func hyperbolicTangents(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) { Elementary.tanh(.load(input + at)).store(output + at) }
}

/// output = the error function of `count` numbers (a multiple of 16).
public func errorFunctions(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) { Elementary.erf(.load(input + at)).store(output + at) }
}
