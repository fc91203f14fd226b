extension ReferenceKernels {
  /// θ - decay · θ, rounded once.
  public static func decayed(_ parameter: Float, by decay: Float) -> Float {
    parameter.addingProduct(parameter, -decay)
  }

  /// average + (θ - average) · rate, the sum rounded once.
  public static func movedAverage(_ average: Float, towards parameter: Float, rate: Float) -> Float {
    average.addingProduct(parameter - average, rate)
  }

  /// The sum of 16 squares: in halves, of double precision.
  public static func squareSum(_ group: [Float]) -> Double {
    var sums = group.map { Double($0) * Double($0) }
    while sums.count > 1 {
      let half = sums.count / 2
      sums = (0..<half).map { sums[$0] + sums[$0 + half] }
    }
    return sums[0]
  }
}
