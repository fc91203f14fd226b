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

/// Philox4x32-10 over consecutive blocks, one per 64-bit lane; the high half of each lane is zero.
@inline(__always)
func philoxWide(
  _ key: RowKey, _ purpose: RandomPurpose, firstBlock: UInt32
) -> (WideLanes, WideLanes, WideLanes, WideLanes) {
  let mask = WideLanes(repeating: 0xFFFF_FFFF)
  var c0 = WideLanes(repeating: UInt(firstBlock))
  for lane in 0..<WideLanes.scalarCount { c0[lane] &+= UInt(lane) }
  var c1 = WideLanes(repeating: UInt(key.row))
  var c2 = WideLanes(repeating: UInt(key.epoch))
  var c3 = WideLanes(repeating: UInt(purpose.number))
  var k0 = key.key[0]
  var k1 = key.key[1]
  for _ in 0..<10 {
    let even = (c0 & mask) &* WideLanes(repeating: 0xD251_1F53)
    let odd = (c2 & mask) &* WideLanes(repeating: 0xCD9E_8D57)
    c0 = odd &>> 32 ^ c1 ^ WideLanes(repeating: UInt(k0))
    c1 = odd & mask
    c2 = even &>> 32 ^ c3 ^ WideLanes(repeating: UInt(k1))
    c3 = even & mask
    k0 &+= 0x9E37_79B9
    k1 &+= 0xBB67_AE85
  }
  return (c0, c1, c2, c3)
}
