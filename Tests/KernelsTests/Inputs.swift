import Testing

/// Numbers by formula, and the values at which arithmetic changes its ways.
enum Inputs {
  /// Zeros, the ends of the denormal and normal numbers, infinities, NaN, and the limits of our exp and tanh.
  static let edges: [Float] = [
    0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, -.leastNormalMagnitude,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity, .nan, 1, -1, 88, 88.1, -87, -87.1, 9,
    9.1, -9, -9.1, 1000, -1000, 1e-20, -1e-20, (0.5 as Float).nextUp,
  ]

  /// `count` multiples of scale / 2^23 in [-scale, scale): a bijective mix of the stream and the index.
  static func numbers(_ stream: UInt32, _ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { index in
      var x = (stream &* 0x9e37_79b9) ^ UInt32(index)
      for shift: UInt32 in [16, 15, 16] { x = (x ^ x >> shift) &* 0x7feb_352d }
      return (Float(x >> 8) * 0x1p-23 - 1) * scale
    }
  }

  /// The same numbers with an edge value at every third index. `turn` shifts the edges, so that two inputs of a kernel
  /// pair up differently.
  static func numbersWithEdges(_ stream: UInt32, _ count: Int, scale: Float = 1, turn: Int = 0) -> [Float] {
    var values = numbers(stream, count, scale: scale)
    for (n, index) in stride(from: 0, to: count, by: 3).enumerated() { values[index] = edges[(n + turn) % edges.count] }
    return values
  }
}

/// The `count` numbers that `kernel` writes, or changes if they are given; it must not write beyond them.
func output(_ count: Int, from values: [Float]? = nil, _ kernel: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
  let beyond = [Float](repeating: 12345, count: 64)
  var buffer = (values ?? [Float](repeating: 54321, count: count)) + beyond
  buffer.withUnsafeMutableBufferPointer { kernel($0.baseAddress!) }
  #expect(Array(buffer.suffix(64)) == beyond, "the kernel writes beyond its output")
  return Array(buffer.prefix(count))
}

/// Every number has the same bits; NaNs count as equal, since the hardware chooses their sign.
func expectSameBits(
  _ values: [Float], _ expected: [Float], _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  let wrong = zip(values, expected).enumerated().first { _, pair in
    pair.0.bitPattern != pair.1.bitPattern && !(pair.0.isNaN && pair.1.isNaN)
  }
  #expect(
    wrong == nil, "\(what): kernel and twin differ first at \(String(describing: wrong))",
    sourceLocation: sourceLocation)
}
