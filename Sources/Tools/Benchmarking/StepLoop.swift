import Communication
import Datasets
import NeuralNet
import Training

/// One worker's part of repeated training steps on rows of the synthetic data set, visited in a permutation as in training.
struct StepLoop {
  private let communicator: any Communicator
  private let step: TrainingStep
  private var sampler: GlobalSampler
  private var history = EpochHistory()
  private var next = 0

  /// Seconds per step, the mean over each repetition.
  private(set) var means: [Double] = []
  /// Seconds of every single step.
  private(set) var singles: [Double] = []
  /// Seconds of each phase, by `TrainingStep.Phase`, in the steps of `profile`.
  private(set) var phaseSeconds: [Double] = []

  /// Collective.
  init(_ communicator: any Communicator, _ configuration: TrainingConfiguration) throws {
    self.communicator = communicator
    let batchSize = configuration.batchSize
    let topology = communicator.topology
    let rows = max(1, 4096 / batchSize) * batchSize
    var source = DataSource.synthetic(.train, rows: rows, seed: 1)
    source.request = configuration.architecture.rowRequest
    let table = try RowTable.load(source, communicator, shared: true)
    sampler = GlobalSampler(
      rows: rows, batchSize: batchSize, seed: configuration.seed, topology: topology,
      workerIndex: communicator.workerIndex)
    sampler.startDataEpoch(0)
    step = try TrainingStep(
      communicator, table: table, configuration: configuration, microBatchesPerWorker: sampler.microBatchesPerWorker,
      stepsPerEpoch: sampler.stepsPerDataEpoch)
    try step.distribute(
      communicator.rank == 0 ? configuration.architecture.initialParameters(seed: configuration.seed) : nil)
  }

  /// Forgets what was measured so far.
  mutating func forget() {
    means = []
    singles = []
  }

  /// Takes and times `count` steps, all workers beginning together. Collective.
  mutating func repeatSteps(_ count: Int) throws {
    history.removeAll()
    try communicator.barrier()
    let start = Stopwatch.now
    var last = start
    var observer = NoObserver()
    for _ in 0..<count {
      try takeStep(&observer)
      let now = Stopwatch.now
      singles.append(now - last)
      last = now
    }
    means.append((last - start) / Double(count))
  }

  /// Takes `count` steps with a clock at the end of every phase. Collective.
  mutating func profile(_ count: Int) throws {
    history.removeAll()
    try communicator.barrier()
    var clock = PhaseClock()
    for _ in 0..<count { try takeStep(&clock) }
    phaseSeconds = clock.seconds
  }

  private mutating func takeStep(_ observer: inout some StepObserver) throws {
    let batch = sampler.plan(step: next)
    try step.take(batch, rows: sampler.rows(step: next), dataEpoch: 0, history: &history, observer: &observer)
    next = (next + 1) % sampler.stepsPerDataEpoch
  }
}

/// Adds up where the time of steps goes.
private struct PhaseClock: StepObserver {
  /// Seconds of each phase.
  private(set) var seconds = [Double](repeating: 0, count: TrainingStep.Phase.allCases.count)
  private var last = Stopwatch.now

  mutating func phaseEnded(_ phase: TrainingStep.Phase) {
    let now = Stopwatch.now
    seconds[phase.rawValue] += now - last
    last = now
  }
}
