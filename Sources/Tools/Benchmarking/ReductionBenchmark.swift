import Communication
import NeuralNet
import Training

/// The exchange of a step's gradient (309 kB), canonical and by the communicator's own all-reduce, in turns.
///
/// Every worker brings one vector, which it writes anew before each call, as backward does; the calls begin together, and
/// the longest of the workers' times counts.
public struct ExchangeBenchmark: Sendable {
  /// How often each kind is measured.
  public var repetitions = 1000

  /// The usual measurement.
  public init() {}

  /// The kinds of a call, in the order of a turn.
  enum Kind: Int, CaseIterable {
    case canonical, allReduce, canonicalWithAdam, allReduceWithAdam, meeting
  }

  /// What was measured.
  public struct Report: Encodable, Sendable {
    /// The workers, and the bytes of each one's vector.
    public let workers: Int, bytes: Int
    /// The sum alone, left with every worker.
    public let canonical: Call, allReduce: Call
    /// The sum with Adam's step behind it: of each worker's slice in the canonical exchange, of all parameters on every
    /// worker after an all-reduce.
    public let canonicalWithAdam: Call, allReduceWithAdam: Call
    /// One meeting of a node's workers, of which the exchange has two.
    public let meeting: Timing
    /// The canonical exchange's median over the all-reduce's: of the calls, of the calls with reading, and both with Adam.
    public let callRatio: Double, readRatio: Double, callRatioWithAdam: Double, readRatioWithAdam: Double
    /// What exactness costs in training.
    public let exactness: Exactness
  }

  /// Whole training steps on the same layout, with the canonical exchange and with the all-reduce, in turns.
  public struct Exactness: Encodable, Sendable {
    /// The samples of a batch, and the steps of a repetition.
    public let batchSize: Int, stepsPerRepetition: Int
    /// Seconds a step, the mean over each repetition.
    public let canonical: Timing, allReduce: Timing
    /// The canonical steps' median over the others', less 1: what exactness costs; below 0 it is a gain.
    public let cost: Double
  }

  /// The times of one kind.
  public struct Call: Encodable, Sendable {
    /// Seconds of the call.
    public let call: Timing
    /// Seconds until each worker has also read the whole result: what another core wrote has to come over.
    public let callAndRead: Timing
  }

  /// Measures. Collective; every worker gets the report.
  public func run(_ communicator: any Communicator) throws -> Report {
    var exchanges = try ExchangeLoop(communicator)
    try exchanges.check()
    var calls = [[Double]](repeating: [], count: Kind.allCases.count)
    var reads = calls
    for repetition in -repetitions / 10..<repetitions {
      for kind in Kind.allCases {
        let (call, read) = try exchanges.time(kind)
        // The first tenth warms up.
        guard repetition >= 0 else { continue }
        calls[kind.rawValue].append(call)
        reads[kind.rawValue].append(read)
      }
    }
    let rendezvous = try Rendezvous(communicator)
    for kind in Kind.allCases.indices {
      calls[kind] = try rendezvous.longest(calls[kind])
      reads[kind] = try rendezvous.longest(reads[kind])
    }
    return report(workers: communicator.size, calls, reads, try exactness(communicator, rendezvous))
  }

  private func exactness(_ communicator: any Communicator, _ rendezvous: Rendezvous) throws -> Exactness {
    let (steps, turns) = (64, max(1, repetitions / 50))
    var configuration = TrainingConfiguration()
    var canonical = try StepLoop(communicator, configuration)
    configuration.allReduce = .mpi
    var allReduce = try StepLoop(communicator, configuration)
    for turn in -1..<turns {
      if turn == 0 {
        canonical.forget()
        allReduce.forget()
      }
      try canonical.repeatSteps(steps)
      try allReduce.repeatSteps(steps)
    }
    let exact = Timing(try rendezvous.longest(canonical.means))
    let other = Timing(try rendezvous.longest(allReduce.means))
    return Exactness(
      batchSize: configuration.batchSize, stepsPerRepetition: steps, canonical: exact, allReduce: other,
      cost: exact.median / other.median - 1)
  }

  private func report(
    workers: Int, _ calls: [[Double]], _ reads: [[Double]], _ exactness: Exactness
  ) -> Report {
    func call(_ kind: Kind) -> Call {
      Call(call: Timing(calls[kind.rawValue]), callAndRead: Timing(reads[kind.rawValue]))
    }
    let (canonical, allReduce) = (call(.canonical), call(.allReduce))
    let (canonicalWithAdam, allReduceWithAdam) = (call(.canonicalWithAdam), call(.allReduceWithAdam))
    return Report(
      workers: workers, bytes: NetworkDefinition.layout.paddedCount * MemoryLayout<Float>.stride, canonical: canonical,
      allReduce: allReduce, canonicalWithAdam: canonicalWithAdam, allReduceWithAdam: allReduceWithAdam,
      meeting: Timing(calls[Kind.meeting.rawValue]), callRatio: canonical.call.median / allReduce.call.median,
      readRatio: canonical.callAndRead.median / allReduce.callAndRead.median,
      callRatioWithAdam: canonicalWithAdam.call.median / allReduceWithAdam.call.median,
      readRatioWithAdam: canonicalWithAdam.callAndRead.median / allReduceWithAdam.callAndRead.median,
      exactness: exactness)
  }
}
