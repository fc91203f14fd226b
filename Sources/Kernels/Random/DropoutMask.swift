import CTargetCPU

/// Writes a dropout mask of 64 values: 0 with probability `rate`, else 1 / (1 - rate).
///
/// Group g of a sample uses the Philox blocks at counters 16 g ... 16 g + 15. Element 16 w + r of the group takes word w
/// of block r / 2 for even r, and of block 8 + r / 2 for odd r; it is dropped where that word is below rate · 2^32. This
/// order suits the instructions (the words of two blocks side by side in one 64-bit lane) and is the same at every vector
/// width.
public func dropoutMask(
  _ key: RowKey, group: Int, rate: Float, into mask: UnsafeMutablePointer<Float>
) {
  let threshold = UInt32(Double(rate) * 0x1p32)
  let kept = 1 / (1 - rate)
  var block = 0
  while block < 8 {
    let first = UInt32(16 &* group &+ block)
    let words = philoxWide(key, .dropout, firstBlocks: [first, first &+ 8])
    let (low, high) = (words[0], words[1])
    storeMask(low.c0, high.c0, threshold, kept, mask + 2 &* block)
    storeMask(low.c1, high.c1, threshold, kept, mask + (16 &+ 2 &* block))
    storeMask(low.c2, high.c2, threshold, kept, mask + (32 &+ 2 &* block))
    storeMask(low.c3, high.c3, threshold, kept, mask + (48 &+ 2 &* block))
    block &+= WideLanes.scalarCount
  }
}

/// Stores the values for the words of `even` and `odd` in turn.
@inline(__always)
private func storeMask(
  _ even: WideLanes, _ odd: WideLanes, _ threshold: UInt32, _ kept: Float, _ mask: UnsafeMutablePointer<Float>
) {
  let drop = alternating(even, odd) .< WordLanes(repeating: threshold)
  Lanes(repeating: kept).replacing(with: Lanes(), where: drop).store(mask)
}
