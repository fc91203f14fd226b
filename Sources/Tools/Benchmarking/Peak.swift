import Communication
import Kernels

/// What the cores can do at most: single-precision fused multiply-adds out of registers, in FLOP/s (two a multiply-add).
public struct Peak: Encodable, Sendable {
  /// One worker while the others rest.
  public let alone: Double
  /// All workers at once, the sum over them.
  public let together: Double
  /// The number of workers.
  public let workers: Int

  private static let rounds = 100_000

  /// Measures for a few tenths of a second. Collective; every worker gets the result.
  static func measure(_ communicator: any Communicator, _ rendezvous: Rendezvous) throws -> Peak {
    var alone = 0.0
    var together = 0.0
    for _ in 0..<10 {
      try rendezvous.barrier()
      if communicator.rank == 0 { alone = max(alone, flops()) }
      try rendezvous.barrier()
      together = max(together, flops())
    }
    return Peak(
      alone: try communicator.allReduce(alone, .maximum), together: try communicator.allReduce(together, .sum),
      workers: communicator.size)
  }

  /// The best rate of a few short runs: one that nothing interrupts is among them.
  private static func flops() -> Double {
    let work = Double(2 * rounds * MultiplyAddRate.multiplyAddsPerRound)
    return (0..<4).map { _ in
      var sink: Float = 0
      let seconds = Stopwatch.seconds { sink = MultiplyAddRate.run(rounds: rounds, 1e-9, 1) }
      precondition(sink.isFinite)
      return work / seconds
    }.max() ?? 0
  }

  /// The peak of the first `workers` cores in use.
  func flops(workers: Int) -> Double { workers == 1 ? alone : together }
}
