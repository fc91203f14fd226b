/// How fast this core can multiply and add: chains of fused multiply-adds that never leave the registers, enough of them side
/// by side to hide the latency. No product can be faster, so this is what the others are measured against.
public enum MultiplyAddRate {
  /// Independent chains: with two operands they fill the 32 vector registers of AVX-512 and NEON, or the 16 of AVX2, but for
  /// a few that the compiler may need.
  private static let chains = Lanes.scalarCount == 8 ? 12 : 24

  /// The fused multiply-adds of one round, over all lanes and chains.
  public static let multiplyAddsPerRound = chains * Lanes.scalarCount

  /// Computes `rounds` rounds.
  ///
  /// - Parameters:
  ///   - a: the first factor of every product.
  ///   - b: the second factor.
  /// - Returns: a number that depends on every chain, so that none can be left out.
  @inline(never)
  public static func run(rounds: Int, _ a: Float, _ b: Float) -> Float {
    // The chains begin differently: equal ones would be computed once.
    if Lanes.scalarCount == 8 {
      run(rounds, a, b, InlineArray<12, Lanes> { Lanes(repeating: Float($0)) })
    } else {
      run(rounds, a, b, InlineArray<24, Lanes> { Lanes(repeating: Float($0)) })
    }
  }

  @inline(__always)
  private static func run<let count: Int>(
    _ rounds: Int, _ a: Float, _ b: Float, _ start: InlineArray<count, Lanes>
  ) -> Float {
    var sums = start
    let (x, y) = (Lanes(repeating: a), Lanes(repeating: b))
    for _ in 0..<rounds {
      for chain in 0..<count { sums[chain].addProduct(x, y) }
    }
    var total = Lanes()
    for chain in 0..<count { total += sums[chain] }
    return total[0]
  }
}
