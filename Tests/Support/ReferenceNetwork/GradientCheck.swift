/// Compares a gradient with central differences of the function itself: (f(w + h) - f(w - h)) / 2h.
///
/// The error of the difference is h^2/6 |f'''| from the series and e |f| / h from rounding, where e is the relative error of
/// f's evaluation. With h = 2^-17, derivatives of order 1 and e about 1e-14 (some hundred additions deep), both stay near
/// 1e-9 |f|. The steps are powers of two so that w + h and w - h lie at exactly equal distances from w below 16.
public struct GradientCheck {
  /// h.
  public var step: Double
  /// The greatest difference allowed, relative to max(1, |f|).
  public var tolerance: Double

  /// The defaults are argued above, with a margin of 10.
  public init(step: Double = 0x1p-17, tolerance: Double = 1e-8) {
    self.step = step
    self.tolerance = tolerance
  }

  /// An entry whose gradient is not what the function's differences say.
  public struct Mismatch: CustomStringConvertible {
    /// The tensor's name and the entry's index in it.
    public let name: String, index: Int
    /// The gradient under test, and the differences' one.
    public let analytic: Double, numeric: Double

    /// E.g. `lstm/bias[3]: the gradient is 0.5, the differences say 0.25`.
    public var description: String {
      "\(name)[\(index)]: the gradient is \(analytic), the differences say \(numeric)"
    }
  }

  /// The `entries` (indices by tensor name) at which `gradient` is not that of `function` at `point`.
  public func mismatches(
    of gradient: [String: [Double]], at point: [String: [Double]], entries: [String: [Int]],
    function: ([String: [Double]]) -> Double
  ) -> [Mismatch] {
    let bound = tolerance * max(1, abs(function(point)))
    var mismatches: [Mismatch] = []
    for (name, indices) in entries.sorted(by: { $0.key < $1.key }) {
      for index in indices {
        let numeric = difference(at: point, name: name, index: index, function: function)
        let analytic = gradient[name]![index]
        if !(abs(analytic - numeric) <= bound) {
          mismatches.append(Mismatch(name: name, index: index, analytic: analytic, numeric: numeric))
        }
      }
    }
    return mismatches
  }

  /// The `entries` at which the step from w - h to w + h crosses a kink, as `branches` of w tell it: no difference there
  /// says anything of a derivative, however right the gradient is.
  public func kinks<Branches: Equatable>(
    at point: [String: [Double]], entries: [String: [Int]], branches: ([String: [Double]]) -> Branches
  ) -> [String] {
    let here = branches(point)
    return entries.sorted(by: { $0.key < $1.key }).flatMap { name, indices in
      indices.filter { index in
        [step, -step].contains { move in
          var moved = point
          moved[name]![index] += move
          return branches(moved) != here
        }
      }.map { "\(name)[\($0)]" }
    }
  }

  /// (f(w + h) - f(w - h)) / 2h in one entry: the numerical derivative.
  public func difference(
    at point: [String: [Double]], name: String, index: Int, function: ([String: [Double]]) -> Double
  ) -> Double {
    var moved = point
    let value = point[name]![index]
    moved[name]![index] = value + step
    let above = function(moved)
    moved[name]![index] = value - step
    return (above - function(moved)) / (2 * step)
  }
}
