/// Elementary functions over vectors: our own polynomials, so that the bits depend on neither the machine's mathematical
/// library nor the vector width. A NaN stays one: divergence must show in the loss. `Tests/Goldens/fit_elementary.py` makes the coefficients.
enum Elementary {
  /// e^x. The argument is clamped to [-87, 88], where the result is a normal number; the error is below 1 ulp.
  ///
  /// x = n ln 2 + r with |r| <= ln 2 / 2 (Cody and Waite's two-part ln 2), and a polynomial of degree 6 in r.
  @inline(__always)
  static func exp(_ argument: Lanes) -> Lanes {
    let x = argument.clamped(-87, 88)
    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
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
  @inline(__always)
  static func sigmoid(_ x: Lanes) -> Lanes {
    Lanes(repeating: 1) / (Lanes(repeating: 1) + exp(-x))
  }

  /// tanh x = x P(x²) / Q(x²), a rational approximation on [-9, 9], outside which tanh is 1 to single
  /// precision. The error is below 4.5 ulp, so that a result may pass 1 by as much.
  @inline(__always)
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
}

/// Applies e^x to `count` numbers (a multiple of 16).
public func exponentials(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  forEachVector(count) { Elementary.exp(.load(input + $0)).store(output + $0) }
}

/// Applies the logistic sigmoid to `count` numbers (a multiple of 16).
public func sigmoids(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  forEachVector(count) { Elementary.sigmoid(.load(input + $0)).store(output + $0) }
}

/// Applies tanh to `count` numbers (a multiple of 16).
public func hyperbolicTangents(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  forEachVector(count) { Elementary.tanh(.load(input + $0)).store(output + $0) }
}
