import Communication
import NeuralNet
import Training

/// The reduction of a step's gradient (309 kB): reproducible, and by the communicator's own all-reduce, in turns.
///
/// Every worker brings one vector, which it writes again before each call, as backward does; the calls begin together, and
/// the longest of the workers' times counts.
public struct ReductionBenchmark: Sendable {
  /// How often each kind is measured.
  public var repetitions = 1000

  /// The usual measurement.
  public init() {}

  /// The kinds of a call, in the order of a turn.
  enum Kind: Int, CaseIterable {
    case reproducible, allReduce, reproducibleWithAdam, allReduceWithAdam, barrier
  }

  /// What was measured.
  public struct Report: Encodable, Sendable {
    /// The workers, and the bytes of each one's vector.
    public let workers: Int, bytes: Int
    /// The sum alone, left with every worker.
    public let reproducible: Call, allReduce: Call
    /// The sum followed by Adam's step: on each worker's slice in the reproducible reduction, of all parameters on every
    /// worker after an all-reduce.
    public let reproducibleWithAdam: Call, allReduceWithAdam: Call
    /// One barrier of a node's workers, of which the reduction has two.
    public let barrier: Timing
    /// The reproducible reduction's median over the all-reduce's: of the calls, of the calls with reading, and both with Adam.
    public let callRatio: Double, readRatio: Double, callRatioWithAdam: Double, readRatioWithAdam: Double
    /// The overhead of reproducibility in training.
    public let overhead: Overhead
  }

  /// Whole training steps on the same layout, with the reproducible reduction and with the all-reduce, in turns.
  public struct Overhead: Encodable, Sendable {
    /// The samples of a batch, and the steps of a repetition.
    public let batchSize: Int, stepsPerRepetition: Int
    /// Seconds per step, the mean over each repetition.
    public let reproducible: Timing, allReduce: Timing
    /// The reproducible steps' median over the others', less 1: the overhead of reproducibility; below 0 it is a gain.
    public let fraction: Double
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
    var reductions = try ReductionLoop(communicator)
    try reductions.check()
    var calls = [[Double]](repeating: [], count: Kind.allCases.count)
    var reads = calls
    for repetition in -repetitions / 10..<repetitions {
      for kind in Kind.allCases {
        let (call, read) = try reductions.time(kind)
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
    return report(workers: communicator.size, calls, reads, try overhead(communicator, rendezvous))
  }

  private func overhead(_ communicator: any Communicator, _ rendezvous: Rendezvous) throws -> Overhead {
    let (steps, turns) = (64, max(1, repetitions / 50))
    var configuration = TrainingConfiguration()
    var reproducible = try StepLoop(communicator, configuration)
    configuration.allReduce = .mpi
    var allReduce = try StepLoop(communicator, configuration)
    for turn in -1..<turns {
      if turn == 0 {
        reproducible.forget()
        allReduce.forget()
      }
      try reproducible.repeatSteps(steps)
      try allReduce.repeatSteps(steps)
    }
    let exact = Timing(try rendezvous.longest(reproducible.means))
    let other = Timing(try rendezvous.longest(allReduce.means))
    return Overhead(
      batchSize: configuration.batchSize, stepsPerRepetition: steps, reproducible: exact, allReduce: other,
      fraction: exact.median / other.median - 1)
  }

  private func report(
    workers: Int, _ calls: [[Double]], _ reads: [[Double]], _ overhead: Overhead
  ) -> Report {
    func call(_ kind: Kind) -> Call {
      Call(call: Timing(calls[kind.rawValue]), callAndRead: Timing(reads[kind.rawValue]))
    }
    let (reproducible, allReduce) = (call(.reproducible), call(.allReduce))
    let (reproducibleWithAdam, allReduceWithAdam) = (call(.reproducibleWithAdam), call(.allReduceWithAdam))
    return Report(
      workers: workers, bytes: ReductionLoop.parameters * MemoryLayout<Float>.stride,
      reproducible: reproducible,
      allReduce: allReduce, reproducibleWithAdam: reproducibleWithAdam, allReduceWithAdam: allReduceWithAdam,
      barrier: Timing(calls[Kind.barrier.rawValue]), callRatio: reproducible.call.median / allReduce.call.median,
      readRatio: reproducible.callAndRead.median / allReduce.callAndRead.median,
      callRatioWithAdam: reproducibleWithAdam.call.median / allReduceWithAdam.call.median,
      readRatioWithAdam: reproducibleWithAdam.callAndRead.median / allReduceWithAdam.callAndRead.median,
      overhead: overhead)
  }
}
