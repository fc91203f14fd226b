import Communication
import NeuralNet
import Optimizers
import Training

/// Training steps on data in memory, by a recipe: how fast, how near to the peak, and where the time goes.
public struct StepBenchmark: Sendable {
  /// What the steps compute, but for the batch.
  public var recipe = Recipe.keras
  /// The network; nil for the recipe's.
  public var network: Architecture?
  /// The samples of a global batch; nil for the recipe's.
  public var batchSize: Int?
  /// How often one worker alone and all workers are measured, in turns.
  public var repetitions = 20
  /// The least samples of a repetition; rounded up to whole steps.
  public var samplesPerRepetition = 2048

  /// The usual measurement.
  public init() {}

  /// What was measured.
  public struct Report: Encodable, Sendable {
    /// What the steps compute.
    public let recipe: Recipe
    /// The samples of a batch, and the steps of a repetition.
    public let batchSize: Int, stepsPerRepetition: Int
    /// The multiply-adds of a sample by the network's definition, forward and backward.
    public let multiplyAddsPerSample: Int
    /// The cores' peak.
    public let peak: Peak
    /// One worker alone; where there are more, all of them.
    public let one: Rate, all: Rate?
    /// The throughput of all workers, as a fraction of their number times one's: by the median repetitions, and by the best
    /// single steps, which tell what a machine that others use can do.
    public let parallelEfficiency: Double?, bestParallelEfficiency: Double?
  }

  /// The steps of some workers.
  public struct Rate: Encodable, Sendable {
    /// Their number.
    public let workers: Int
    /// Seconds per step: of each repetition's mean, and of every single step (as rank 0 sees them).
    public let meanStep: Timing, singleStep: Timing
    /// Samples and floating-point operations a second, by the median repetition.
    public let samplesPerSecond: Double, flops: Double
    /// FLOP utilisation (MFU): the operations as a fraction of the peak of these workers' cores.
    public let flopUtilization: Double
    /// Where rank 0's time goes: the share of each phase.
    public let phases: Phases
  }

  /// Measures. Collective; every worker gets the report.
  public func run(_ communicator: any Communicator) throws -> Report {
    let rendezvous = try Rendezvous(communicator)
    let peak = try Peak.measure(communicator, rendezvous)
    var configuration = recipe.configuration
    if let batchSize { configuration.batchSize = batchSize }
    configuration.network = network
    let batchSize = configuration.batchSize
    let solo = try communicator.split(color: communicator.rank == 0 ? 0 : nil, key: 0)
    var one = try solo.map { try StepLoop($0, configuration) }
    var all = communicator.size > 1 ? try StepLoop(communicator, configuration) : nil
    let steps = (samplesPerRepetition + batchSize - 1) / batchSize
    for repetition in -1..<repetitions {
      // The first turn warms up.
      if repetition == 0 {
        one?.forget()
        all?.forget()
      }
      try rendezvous.barrier()
      try one?.repeatSteps(steps)
      try rendezvous.barrier()
      try all?.repeatSteps(steps)
    }
    try one?.profile(steps)
    try rendezvous.barrier()
    try all?.profile(steps)
    return try report(communicator, rendezvous, peak, configuration, steps: steps, one, all)
  }

  private func report(
    _ communicator: any Communicator, _ rendezvous: Rendezvous, _ peak: Peak, _ configuration: TrainingConfiguration,
    steps: Int, _ one: StepLoop?, _ all: StepLoop?
  ) throws -> Report {
    let batchSize = configuration.batchSize
    let products = configuration.architecture.multiplyAccumulatesPerSample
    // Rank 0 has what it measured alone; the others bring nothing to that maximum.
    func rate(_ loop: StepLoop?, workers: Int) throws -> Rate {
      let nothing = [Double](repeating: 0, count: repetitions)
      let means = Timing(try rendezvous.longest(loop?.means ?? nothing))
      let singles = try communicator.broadcast(fromRoot: loop?.singles ?? [], root: 0)
      let phases = try communicator.broadcast(fromRoot: loop?.phaseSeconds ?? [], root: 0)
      let samples = Double(batchSize) / means.median
      let flops = samples * Double(2 * products)
      return Rate(
        workers: workers, meanStep: means, singleStep: Timing(singles), samplesPerSecond: samples, flops: flops,
        flopUtilization: flops / peak.flops(workers: workers), phases: Phases(seconds: phases))
    }
    let alone = try rate(one, workers: 1)
    let together = communicator.size > 1 ? try rate(all, workers: communicator.size) : nil
    func efficiency(_ all: Double, _ one: Double) -> Double { one / (Double(communicator.size) * all) }
    return Report(
      recipe: recipe, batchSize: batchSize, stepsPerRepetition: steps,
      multiplyAddsPerSample: products, peak: peak, one: alone, all: together,
      parallelEfficiency: together.map { efficiency($0.meanStep.median, alone.meanStep.median) },
      bestParallelEfficiency: together.map { efficiency($0.singleStep.best, alone.singleStep.best) })
  }
}

/// The shares of a step's phases, which add up to 1.
public struct Phases: Encodable, Equatable, Sendable {
  /// The share of each phase.
  public let packing: Double, augmentation: Double, loading: Double, forward: Double, backward: Double,
    reduction: Double

  /// - Parameter seconds: of each phase, in `TrainingStep.Phase`'s order.
  package init(seconds: [Double]) {
    let total = seconds.reduce(0, +)
    func share(_ phase: TrainingStep.Phase) -> Double { seconds[phase.rawValue] / total }
    packing = share(.packing)
    augmentation = share(.augmentation)
    loading = share(.loading)
    forward = share(.forward)
    backward = share(.backward)
    reduction = share(.reduction)
  }

  /// The phases by name, in the order of a step.
  public var named: [(name: String, share: Double)] {
    [
      ("packing the weights", packing), ("augmentation", augmentation), ("pixels and masks", loading),
      ("forward", forward), ("backward", backward), ("reduction and Adam", reduction),
    ]
  }
}
