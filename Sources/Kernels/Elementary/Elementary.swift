/// Elementary functions over vectors, by polynomials of our own: the bits depend on neither the machine's math library
/// nor the vector width. NaN propagates, so that divergence shows in the loss. `Tests/Goldens/fit_elementary.py` computes
/// the coefficients.
///
/// They are transparent, not only `@inline(__always)`, which leaves calls in loops with several of them: each call would
/// spill every vector register.
enum Elementary {
  /// e^x. The argument is clamped to [-87, 88], where the result is a normal number. The error is below 1 ulp.
  ///
  /// x = n ln 2 + r with |r| <= ln 2 / 2 (ln 2 in two parts, after Cody and Waite), and a polynomial of degree 6 in r.
  @_transparent
  static func exp(_ argument: Lanes) -> Lanes {
    let x = argument.clamped(-87, 88)
    // Adding 1.5 * 2^23 rounds to an integer and puts it in the low bits.
    let shifted = Lanes(repeating: 0x1.8p23).adding(product: x, Lanes(repeating: 0x1.715476p0))
    let n = shifted - Lanes(repeating: 0x1.8p23)
    var r = x.adding(product: n, Lanes(repeating: -0x1.62e4p-1))
    r = r.adding(product: n, Lanes(repeating: -0x1.7f7d1cp-20))
    var p = Lanes(repeating: 1.381461e-3)
    p = Lanes(repeating: 8.36871e-3).adding(product: p, r)
    p = Lanes(repeating: 4.166839e-2).adding(product: p, r)
    p = Lanes(repeating: 1.6666521e-1).adding(product: p, r)
    p = Lanes(repeating: 4.9999994e-1).adding(product: p, r)
    p = Lanes(repeating: 1).adding(product: p, r)
    p = Lanes(repeating: 1).adding(product: p, r)
    let exponent = unsafeBitCast(shifted, to: WordLanes.self) &<< 23
    return unsafeBitCast(unsafeBitCast(p, to: WordLanes.self) &+ exponent, to: Lanes.self)
  }

  /// 1 / (1 + e^-x).
  @_transparent
  static func sigmoid(_ x: Lanes) -> Lanes {
    Lanes(repeating: 1) / (Lanes(repeating: 1) + exp(-x))
  }

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

/// output = the logistic sigmoid of `count` numbers (a multiple of 16).
public func sigmoids(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) { Elementary.sigmoid(.load(input + at)).store(output + at) }
}

/// output = tanh of `count` numbers (a multiple of 16).
public func hyperbolicTangents(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) { Elementary.tanh(.load(input + at)).store(output + at) }
}

/// output = the error function of `count` numbers (a multiple of 16).
public func errorFunctions(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) { Elementary.erf(.load(input + at)).store(output + at) }
}
