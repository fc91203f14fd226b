/// A digest of memory, computed as fast as memory can be read, to detect changed bytes.
///
/// The bytes are read as 64-bit words in eight lanes. Each lane keeps a sum that is rotated by one bit before a word is
/// added, and the sum of those sums, so flips of the same bit in two words do not cancel. A change of one word always
/// changes its lane; the digest then stays the same with a probability of 2^-64. The digest is not cryptographic: two
/// inputs with the same digest can be constructed.
///
/// - Returns: the digest of `byteCount` bytes, padded with zeros to a multiple of 64.
public func memoryDigest(_ start: UnsafeRawPointer, byteCount: Int) -> UInt64 {
  var sums = SIMD8<UInt64>()
  var sumsOfSums = SIMD8<UInt64>()
  let whole = byteCount & ~63
  var at = 0
  while at < whole {
    add((start + at).loadUnaligned(as: SIMD8<UInt64>.self), to: &sums, &sumsOfSums)
    at &+= 64
  }
  if at < byteCount {
    var rest = SIMD8<UInt64>()
    withUnsafeMutableBytes(of: &rest) { $0.baseAddress?.copyMemory(from: start + at, byteCount: byteCount - at) }
    add(rest, to: &sums, &sumsOfSums)
  }
  let first = scrambled(sums, by: 0xBF58_476D_1CE4_E5B9)
  let second = scrambled(sumsOfSums, by: 0x94D0_49BB_1331_11EB)
  // Distinct odd factors, so that swapping two lanes changes the digest.
  let factors = SIMD8<UInt64>(
    0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB, 0xD6E8_FEB8_6659_FD93,
    0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB, 0x8EBC_6AF0_9C88_C6E3, 0x5899_65CC_7537_4CC3)
  return ((first &+ (second &<< 1 | second &>> 63)) &* factors).wrappedSum()
}

@inline(__always)
private func add(_ words: SIMD8<UInt64>, to sums: inout SIMD8<UInt64>, _ sumsOfSums: inout SIMD8<UInt64>) {
  sums = (sums &<< 1 | sums &>> 63) &+ words
  sumsOfSums &+= sums
}

@inline(__always)
private func scrambled(_ words: SIMD8<UInt64>, by factor: UInt64) -> SIMD8<UInt64> {
  let product = (words ^ words &>> 31) &* SIMD8(repeating: factor)
  return product ^ product &>> 29
}

/// The sum of the 32-bit words of `count` numbers, modulo 2^32: the cheapest digest, which the optimizer step computes
/// along the way.
///
/// A change of one number always changes it. Two flips of the same bit in two numbers cancel if one sets and one clears
/// it.
///
/// - Parameter count: a multiple of 16.
public func wordSum(_ start: UnsafePointer<Float>, count: Int) -> UInt32 {
  var sum = WordLanes()
  for at in vectors(count) {
    sum &+= UnsafeRawPointer(start + at).loadUnaligned(as: WordLanes.self)
  }
  return sum.wrappedSum()
}
