import Communication
import NeuralNet
import Training

/// One worker's part of repeated training steps on rows of the built-in set, visited in a permutation as in training.
struct StepLoop {
  private let communicator: any Communicator
  private let step: TrainingStep
  private var sampler: GlobalSampler
  private var history = EpochHistory()
  private var next = 0

  /// Seconds a step, the mean over each repetition.
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
    let table = try RowTable.load(.synthetic(.train, rows: rows, seed: 1), communicator, shared: true)
    sampler = GlobalSampler(
      rows: rows, batchSize: batchSize, seed: configuration.seed, topology: topology,
      position: topology.positionOfRank[communicator.rank])
    sampler.startPass(0)
    step = try TrainingStep(
      communicator, table: table, configuration: configuration, chunksPerWorker: sampler.chunksPerWorker,
      stepsPerEpoch: sampler.stepsPerPass)
    try step.distribute(communicator.rank == 0 ? initialParameters(seed: configuration.seed) : nil)
  }

  /// Forgets what was measured so far.
  mutating func forget() {
    means = []
    singles = []
  }

  /// Takes and times so many steps, all workers beginning together. Collective.
  mutating func repeatSteps(_ count: Int) throws {
    history.removeAll()
    try communicator.barrier()
    let start = Stopwatch.now
    var last = start
    for _ in 0..<count {
      try takeStep()
      let now = Stopwatch.now
      singles.append(now - last)
      last = now
    }
    means.append((last - start) / Double(count))
  }

  /// Takes so many steps with a clock at the end of every phase. Collective.
  mutating func profile(_ count: Int) throws {
    history.removeAll()
    var seconds = [Double](repeating: 0, count: TrainingStep.Phase.allCases.count)
    try communicator.barrier()
    var last = Stopwatch.now
    step.phaseEnded = { phase in
      let now = Stopwatch.now
      seconds[phase.rawValue] += now - last
      last = now
    }
    defer { step.phaseEnded = nil }
    for _ in 0..<count { try takeStep() }
    phaseSeconds = seconds
  }

  private mutating func takeStep() throws {
    let layout = sampler.layout(step: next)
    try step.take(layout, rows: sampler.rows(step: next), pass: 0, history: &history)
    next = (next + 1) % sampler.stepsPerPass
  }
}
