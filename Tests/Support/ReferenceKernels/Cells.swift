extension ReferenceKernels {
  /// One unit of an LSTM before and after a step.
  public struct Cell: Sendable {
    /// The gates i f c o: their sums before the step, their values after it.
    public var gates: SIMD4<Float>
    /// c, tanh c and h = o tanh c.
    public var cell: Float = 0, cellTanh: Float = 0, output: Float = 0

    /// The step on the gates' sums from the cell state `previous` (0 at the first step).
    public init(sums z: SIMD4<Float>, previous: Float) {
      gates = SIMD4(sigmoid(z[0]), sigmoid(z[1]), hyperbolicTangent(z[2]), sigmoid(z[3]))
      cell = (gates[0] * gates[2]).addingProduct(gates[1], previous)
      cellTanh = hyperbolicTangent(cell)
      output = gates[3] * cellTanh
    }

    /// The gradients by the gates' sums and by the previous cell state, from those by h and (of the later step) by c.
    public func backward(
      previous: Float, outputGradient dh: Float, cellGradient: Float
    ) -> (sums: SIMD4<Float>, previous: Float) {
      let (i, f, g, o, t) = (gates[0], gates[1], gates[2], gates[3], cellTanh)
      let dc = cellGradient.addingProduct(dh * o, 1 - t * t)
      let sums = SIMD4(
        dc * g * (i * (1 - i)), dc * previous * (f * (1 - f)), dc * i * (1 - g * g), dh * t * (o * (1 - o)))
      return (sums, dc * f)
    }
  }

  /// One unit of a GRU before and after a step.
  public struct GRUCell: Sendable {
    /// z, r and the candidate, after the step.
    public var z: Float, r: Float, candidate: Float
    /// The candidate's recurrent sum u, and h.
    public var inner: Float, output: Float

    /// The step on the sums x_z, x_r, x_h and u from the state `previous` (0 at the first step).
    public init(sums: SIMD4<Float>, previous: Float) {
      (z, r, inner) = (sigmoid(sums[0]), sigmoid(sums[1]), sums[3])
      candidate = hyperbolicTangent(sums[2].addingProduct(r, inner))
      output = ((1 - z) * candidate).addingProduct(z, previous)
    }

    /// The gradients by the sums, and the direct part of that by the previous state, from that by h.
    public func backward(previous: Float, outputGradient dh: Float) -> (sums: SIMD4<Float>, previous: Float) {
      let dx = dh * (1 - z) * (1 - candidate * candidate)
      let sums = SIMD4(dh * (previous - candidate) * (z * (1 - z)), dx * inner * (r * (1 - r)), dx, dx * r)
      return (sums, dh * z)
    }
  }

  /// max(x, 0); NaN stays NaN, and -0 stays -0.
  public static func rectified(_ x: Float) -> Float { x < 0 ? 0 : x }

  /// The gradient where the rectified value is positive, else 0.
  public static func rectifiedGradient(_ gradient: Float, activation: Float) -> Float { activation > 0 ? gradient : 0 }

  /// `sums` (zeros: none) plus the first columns of `count` rows, as many as the sums, a column at a time in row order.
  public static func sumRows(_ rows: [Float], count: Int, stride: Int? = nil, from sums: [Float]) -> [Float] {
    let stride = stride ?? sums.count
    return sums.indices.map { column in (0..<count).reduce(sums[column]) { $0 + rows[$1 * stride + column] } }
  }

  /// Whether no number is infinite or not a number.
  public static func areFinite(_ values: [Float]) -> Bool { values.allSatisfy(\.isFinite) }

  /// One parameter's step of Adam: gradient (a sum), parameter and both moments.
  public static func adamStep(
    scale: Float, oneMinusBeta1: Float, oneMinusBeta2: Float, epsilon: Float, rate: Float, gradient: Float,
    parameter: inout Float, moment1 m: inout Float, moment2 v: inout Float
  ) {
    let g = gradient * scale
    m = m.addingProduct(g - m, oneMinusBeta1)
    v = v.addingProduct(g * g - v, oneMinusBeta2)
    parameter -= rate * m / (v.squareRoot() + epsilon)
  }
}
