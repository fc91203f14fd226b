/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
///
/// A block of four words is a pure function of a 128-bit counter and a 64-bit key: any draw can be made by any worker, in
/// any order. Tested against the known-answer vectors that Random123 publishes.
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

/// What a random draw is for: with the seed, the epoch and the row it names every number that is ever drawn.
public enum RandomPurpose: UInt32, Sendable {
  /// The initial weights; the epoch is 0 and the "row" is the parameter's index in the layout.
  case initialWeights = 1
  /// The order of the rows in an epoch.
  case permutation = 2
  /// The dropout masks of a row in an epoch.
  case dropout = 3
  /// The built-in synthetic data set; the "row" is the image's number.
  case synthesis = 4
  /// A user's random choice of rows to look at.
  case selection = 5
  /// The changes that a row's image undergoes in an epoch of training.
  case augmentation = 6
  /// The schedule of faults of `chaos`.
  case faults = 7
  /// The disturbances of test images; the "epoch" is the kind of disturbance.
  case disturbance = 8
  /// The chunks of a step that are computed twice; the "epoch" is the pass, the "row" the step in it.
  case verification = 9
}

/// The stream of random words named by (seed, purpose, epoch, row).
public struct RandomStream: Sendable {
  let key: SIMD2<UInt32>
  let epoch: UInt32
  let row: UInt32
  let purpose: RandomPurpose
  var index: UInt32 = 0
  var block = SIMD4<UInt32>()

  /// The stream's beginning. Its n-th word is word `n % 4` of the Philox block at counter (n / 4, row, epoch, purpose).
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
      block = Philox4x32.block(counter: SIMD4(index >> 2, row, epoch, purpose.rawValue), key: key)
    }
    index += 1
    return block[lane]
  }

  /// The next number in [0, 1): a multiple of 2^-24, so exact in single precision.
  public mutating func nextUniform() -> Float {
    Float(nextWord() >> 8) * 0x1p-24
  }

  /// The next integer in `0 ..< bound`, from 64 random bits (bias below bound / 2^64).
  public mutating func nextInteger(below bound: Int) -> Int {
    let high = UInt64(nextWord())
    let bits = high << 32 | UInt64(nextWord())
    return Int(bits.multipliedFullWidth(by: UInt64(bound)).high)
  }
}
