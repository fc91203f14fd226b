/// A digest of memory, as fast as memory can be read: for telling whether bytes are still what they were.
///
/// The bytes are taken as words of 64 bits in eight lanes; each lane keeps the sum of its words and the sum of those sums.
/// A change within one word changes the digest with certainty: a change of d, k words before the lane's end, changes the
/// lane by d (1 + k K) c with an even K and an odd c, so by d times an odd number. Changes of several words by chance cancel
/// with a probability of about 2^-64. It is no cryptographic digest: who means to can make two texts of one digest.
///
/// - Returns: the digest of `byteCount` bytes; a rest of less than 64 bytes counts as if zeros followed.
public func memoryDigest(_ start: UnsafeRawPointer, byteCount: Int) -> UInt64 {
  var sums = SIMD8<UInt64>()
  var sumsOfSums = SIMD8<UInt64>()
  let whole = byteCount & ~63
  var at = 0
  while at < whole {
    sums &+= (start + at).loadUnaligned(as: SIMD8<UInt64>.self)
    sumsOfSums &+= sums
    at &+= 64
  }
  if at < byteCount {
    var rest = SIMD8<UInt64>()
    withUnsafeMutableBytes(of: &rest) { $0.baseAddress?.copyMemory(from: start + at, byteCount: byteCount - at) }
    sums &+= rest
    sumsOfSums &+= sums
  }
  let mixed = sums &+ sumsOfSums &* SIMD8(repeating: 0x9E37_79B9_7F4A_7C16)
  let factors = SIMD8<UInt64>(
    0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB, 0xD6E8_FEB8_6659_FD93,
    0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB, 0x8EBC_6AF0_9C88_C6E3, 0x5899_65CC_7537_4CC3)
  return (mixed &* factors).wrappedSum()
}
