/// θ -= decay · θ over `count` parameters (a multiple of 16): Loshchilov and Hutter's decoupled weight decay, which does
/// not enter Adam's moments. As in Keras' AdamW, it comes before the step, with decay = learning rate · weight decay.
public func decayWeights(_ parameters: UnsafeMutablePointer<Float>, by decay: Float, count: Int) {
  let rate = Lanes(repeating: -decay)
  for at in vectors(count) {
    let theta = Lanes.load(parameters + at)
    theta.adding(product: theta, rate).store(parameters + at)
  }
}

/// average += (θ - average) · rate over `count` numbers (a multiple of 16): an exponential moving average.
public func moveAverage(
  _ average: UnsafeMutablePointer<Float>, towards parameters: UnsafePointer<Float>, rate: Float, count: Int
) {
  let rate = Lanes(repeating: rate)
  for at in vectors(count) {
    let old = Lanes.load(average + at)
    old.adding(product: Lanes.load(parameters + at) - old, rate).store(average + at)
  }
}

/// The sums of squares of groups of 16 numbers, in double precision.
///
/// The square of a single-precision number is exact in double precision. In a group, x_i² is added to x_(i+8)², then the
/// eight sums are added in halves in the same way: the order depends neither on the vector width nor on the worker.
///
/// - Parameter sums: receives `count` / 16 numbers.
public func squareSums(_ values: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Double>, count: Int) {
  for group in 0..<count / 16 {
    let x = values + 16 &* group
    var squares = SIMD8<Double>()
    for i in 0..<8 {
      let (low, high) = (Double(x[i]), Double(x[i &+ 8]))
      squares[i] = low * low + high * high
    }
    let quarters = squares.lowHalf + squares.highHalf
    let halves = quarters.lowHalf + quarters.highHalf
    sums[group] = halves[0] + halves[1]
  }
}
