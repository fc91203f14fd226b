/// Numbers by formula: the twin of Tests/Goldens/formula.py, whose head states the whole formula.
///
/// Every number is a function of a stream (what it is for) and an index, and exact in single precision: Keras and the
/// engine start from the same bits although they share no random generator.
package enum Formula {
  /// What a number is for. The weights of the i-th tensor are stream 16 + i.
  enum Stream {
    static let pixels: UInt32 = 0
    static let labels: UInt32 = 1
    static let poolingMask: UInt32 = 2
    static let lstmInputMask: UInt32 = 3
    static let lstmRecurrentMask: UInt32 = 4
    static let lstm1InputMask: UInt32 = 5
    static let denseMask: UInt32 = 6
    static let firstWeights: UInt32 = 16
    /// Of an architecture under a seed alone: where its large tensors are compared, and on what they are projected.
    static let sampledIndices: UInt32 = 2
    static let firstDirection: UInt32 = 8
  }

  /// The stream of a purpose under an architecture's seed.
  package static func stream(seed: Int, _ purpose: UInt32) -> UInt32 { 4096 * (UInt32(seed) + 1) + purpose }

  /// A bijective mix of 32 bits (Wellons' "lowbias32").
  static func mix(_ word: UInt32) -> UInt32 {
    var x = word
    x ^= x >> 16
    x &*= 0x7feb_352d
    x ^= x >> 15
    x &*= 0x846c_a68b
    x ^= x >> 16
    return x
  }

  /// The hash of `index` in `stream`.
  static func hash(_ stream: UInt32, _ index: Int) -> UInt32 {
    mix(mix(stream) &+ UInt32(truncatingIfNeeded: index))
  }

  /// A multiple of scale / 2^15 in [-scale, scale), from the upper 16 bits.
  static func weight(_ stream: UInt32, _ index: Int, scale: Float) -> Float {
    Float(Int(hash(stream, index) >> 16) - 32768) / 32768 * scale
  }

  /// `count` mask entries from `index` on: zero at `rate`, else the single precision nearest to 1 / (1 - rate).
  static func mask(_ stream: UInt32, from index: Int, count: Int, rate: Double) -> [Float] {
    let threshold = UInt32((65536 * rate).rounded())
    let kept = Float(1 / (1 - rate))
    return (index..<index + count).map { hash(stream, $0) >> 16 < threshold ? 0 : kept }
  }
}
