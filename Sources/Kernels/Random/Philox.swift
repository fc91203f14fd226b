/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
///
/// A block of four words is a pure function of a 128-bit counter and a 64-bit key, so any worker can make any draw, in
/// any order. Tested against Random123's known-answer vectors.
public enum Philox4x32 {
  /// The block of random words at `counter` under `key`.
  @inlinable
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let even = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let odd = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(odd.high ^ c[1] ^ k[0], odd.low, even.high ^ c[3] ^ k[1], even.low)
      k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return c
  }
}

/// The stream of random words for (seed, purpose, epoch, row).
public struct RandomStream: Sendable {
  let key: SIMD2<UInt32>
  let epoch: UInt32
  let row: UInt32
  let purpose: RandomPurpose
  var index: UInt32 = 0
  var block = SIMD4<UInt32>()

  /// The start of the stream. Word n of it is word `n % 4` of the Philox block at counter (n / 4, row, epoch, purpose).
  public init(seed: UInt64, purpose: RandomPurpose, epoch: Int = 0, row: Int = 0) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.purpose = purpose
    self.epoch = UInt32(epoch)
    self.row = UInt32(row)
  }

  /// The next 32 random bits.
  public mutating func nextWord() -> UInt32 {
    let lane = Int(index & 3)
    if lane == 0 {
      block = Philox4x32.block(counter: SIMD4(index >> 2, row, epoch, purpose.number), key: key)
    }
    index += 1
    return block[lane]
  }

  /// The next uniformly distributed number in [0, 1): a multiple of 2^-24, so exact in single precision.
  public mutating func nextUniform() -> Float {
    Float(nextWord() >> 8) * 0x1p-24
  }

  /// The next uniformly distributed integer in `0 ..< bound`, from 64 random bits (bias below bound / 2^64).
  public mutating func nextInteger(below bound: Int) -> Int {
    let high = UInt64(nextWord())
    let bits = high << 32 | UInt64(nextWord())
    return Int(bits.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The next standard normal number, by Marsaglia's polar method with `naturalLogarithm`.
  public mutating func nextNormal() -> Double {
    while true {
      let u = 2 * Double(nextUniform()) - 1
      let v = 2 * Double(nextUniform()) - 1
      let s = u * u + v * v
      if s > 0 && s < 1 { return u * (-2 * naturalLogarithm(s) / s).squareRoot() }
    }
  }
}
