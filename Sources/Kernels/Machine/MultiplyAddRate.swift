/// Measures a core's peak FLOP rate: chains of fused multiply-adds in registers, enough of them in parallel to hide the
/// latency. No matrix product can be faster, so FLOP utilisation is relative to this rate.
public enum MultiplyAddRate {
  /// The number of independent chains. With two operands they fill the 32 vector registers of AVX-512 and NEON, or the 16
  /// of AVX2, except a few for the compiler.
  private static let chains = Lanes.scalarCount == 8 ? 12 : 24

  /// The number of fused multiply-adds per round, over all lanes and chains.
  public static let multiplyAddsPerRound = chains * Lanes.scalarCount

  /// Runs `rounds` rounds.
  ///
  /// - Parameters:
  ///   - a: the first factor of every product.
  ///   - b: the second factor.
  /// - Returns: a number that depends on every chain, so that the compiler cannot remove any.
  @inline(never)
  public static func run(rounds: Int, _ a: Float, _ b: Float) -> Float {
    // The chains start from different values: the compiler would compute equal ones only once.
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
