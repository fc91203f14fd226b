extension ReferenceKernels {
  /// Philox4x32-10 as the paper writes it: ten rounds of two multiplications and a swap, the key growing between them.
  public static func philox(counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var (x, k) = (counter, key)
    for round in 0..<10 {
      if round > 0 { k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85] }
      let first = UInt64(x[0]) * 0xD251_1F53
      let second = UInt64(x[2]) * 0xCD9E_8D57
      x = [
        UInt32(second >> 32) ^ x[1] ^ k[0], UInt32(truncatingIfNeeded: second),
        UInt32(first >> 32) ^ x[3] ^ k[1], UInt32(truncatingIfNeeded: first),
      ]
    }
    return x
  }

  /// The dropout mask of a group: element 16 w + r is 0 where word w of a block is below rate · 2^32, else
  /// 1 / (1 - rate). The block is 16 group + r / 2 for even r, and 8 further for odd r. The counter's other words are the
  /// row, the epoch and the purpose 3; the key is the seed, low word first.
  public static func dropoutMask(seed: UInt64, epoch: Int, row: Int, group: Int, rate: Float) -> [Float] {
    let key = [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)]
    return (0..<64).map { element in
      let (word, r) = (element / 16, element % 16)
      let block = UInt32(16 * group + r / 2 + (r % 2 == 0 ? 0 : 8))
      let bits = philox(counter: [block, UInt32(row), UInt32(epoch), 3], key: key)[word]
      return Double(bits) < (Double(rate) * 0x1p32).rounded(.down) ? 0 : 1 / (1 - rate)
    }
  }
}
