import CTargetCPU

/// The seed, data epoch and row that kernels draw random numbers for: the Philox key, and two of the counter's words.
public struct RowKey: Sendable {
  let key: SIMD2<UInt32>
  let row: UInt32
  let epoch: UInt32

  /// A row in a data epoch under a seed.
  public init(seed: UInt64, epoch: Int, row: Int) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.row = UInt32(row)
    self.epoch = UInt32(epoch)
  }
}

/// One hardware vector of 64-bit lanes: half as many as single-precision ones.
typealias WideLanes = target_cpu_wide_words

/// The four words of Philox4x32-10 for the blocks of `runs` vectors of consecutive ones, each of which begins at its own first
/// block: one block per 64-bit lane, whose high half has no meaning.
///
/// The runs are independent, and take each round side by side: a round by itself would wait for the one before.
@inline(__always)
func philoxWide<let runs: Int>(
  _ key: RowKey, _ purpose: RandomPurpose, firstBlocks: InlineArray<runs, UInt32>
) -> InlineArray<runs, PhiloxWords> {
  var words = InlineArray<runs, PhiloxWords> { PhiloxWords(key, purpose, firstBlock: firstBlocks[$0]) }
  var k0 = key.key[0]
  var k1 = key.key[1]
  for _ in 0..<10 {
    for run in 0..<runs { words[run].turn(k0, k1) }
    k0 &+= 0x9E37_79B9
    k1 &+= 0xBB67_AE85
  }
  return words
}

/// The counters of consecutive blocks, and then their random words.
struct PhiloxWords {
  private(set) var c0: WideLanes, c1: WideLanes, c2: WideLanes, c3: WideLanes

  @inline(__always)
  init(_ key: RowKey, _ purpose: RandomPurpose, firstBlock: UInt32) {
    c0 = WideLanes(repeating: UInt(firstBlock))
    for lane in 0..<WideLanes.scalarCount { c0[lane] &+= UInt(lane) }
    c1 = WideLanes(repeating: UInt(key.row))
    c2 = WideLanes(repeating: UInt(key.epoch))
    c3 = WideLanes(repeating: UInt(purpose.number))
  }

  /// One round. What it leaves in the high halves is ignored by the next.
  @inline(__always)
  mutating func turn(_ k0: UInt32, _ k1: UInt32) {
    let low = WideLanes(repeating: 0xFFFF_FFFF)
    let even = (c0 & low) &* WideLanes(repeating: 0xD251_1F53)
    let odd = (c2 & low) &* WideLanes(repeating: 0xCD9E_8D57)
    (c0, c1) = (odd &>> 32 ^ c1 ^ WideLanes(repeating: UInt(k0)), odd)
    (c2, c3) = (even &>> 32 ^ c3 ^ WideLanes(repeating: UInt(k1)), even)
  }
}

/// The low halves of two vectors in turn: those of lane 0, then those of lane 1 ...
@inline(__always)
func alternating(_ even: WideLanes, _ odd: WideLanes) -> WordLanes {
  unsafeBitCast(even & WideLanes(repeating: 0xFFFF_FFFF) | odd &<< 32, to: WordLanes.self)
}
