import Communication

/// All that a run is between two steps. A run that continues from it, on any number of workers, ends with the same bits.
public struct TrainingState: Equatable, Sendable {
  /// Where the run is.
  public var position: TrainingPosition
  /// What it has found so far.
  public var log: TrainingLog
  /// The vectors of the step's state, whole: the parameters, the optimizer's state.
  public var vectors: [NamedVector]
  /// The parameters of the best epoch, the layout's `paddedCount` numbers; nil before the first epoch's end.
  public var best: [Float]?

  /// A state of these parts.
  package init(position: TrainingPosition, log: TrainingLog, vectors: [NamedVector], best: [Float]?) {
    self.position = position
    self.log = log
    self.vectors = vectors
    self.best = best
  }
}

/// A vector of a run's state, with its name.
public struct NamedVector: Equatable, Sendable {
  /// The name, e.g. `parameters` or `adam/moment1`.
  public let name: String
  /// The values, the layout's `paddedCount` numbers.
  public let values: [Float]

  /// A vector with that name.
  public init(name: String, values: [Float]) {
    self.name = name
    self.values = values
  }
}

/// Where a run is, known to all workers.
public struct TrainingPosition: Codable, Equatable, Sendable, CustomStringConvertible {
  /// The steps taken since the run began.
  public var stepsTaken = 0
  /// The epoch in progress, from 1; after the last one, one more than it.
  public var epoch = 1
  /// The steps taken in that epoch.
  public var epochStep = 0
  /// The data epoch, from 0: one traversal of the rows. It seeds their order, the dropout masks and augmentation.
  public var dataEpoch = 0
  /// The steps taken in that data epoch.
  public var dataEpochStep = 0

  /// In words.
  public var description: String {
    if stepsTaken == 0 { return "before the first step" }
    let place = epochStep == 0 ? "the end of epoch \(epoch - 1)" : "step \(epochStep) of epoch \(epoch)"
    return "after step \(stepsTaken) (\(place))"
  }

  /// Whether a run of such epochs and data epochs gets there.
  func fits(stepsPerEpoch: Int, stepsPerDataEpoch: Int) -> Bool {
    epochStep < stepsPerEpoch && dataEpochStep <= stepsPerDataEpoch
      && (stepsTaken - epochStep).quotientAndRemainder(dividingBy: stepsPerEpoch) == (epoch - 1, 0)
      && (stepsTaken - dataEpochStep).quotientAndRemainder(dividingBy: stepsPerDataEpoch) == (dataEpoch, 0)
  }

  /// Rank 0's position, for all. Collective.
  func broadcast(_ communicator: any Communicator) throws -> TrainingPosition {
    let numbers = try communicator.broadcast(
      fromRoot: [stepsTaken, epoch, epochStep, dataEpoch, dataEpochStep], root: 0)
    return TrainingPosition(
      stepsTaken: numbers[0], epoch: numbers[1], epochStep: numbers[2], dataEpoch: numbers[3], dataEpochStep: numbers[4]
    )
  }
}

/// What a run has found so far, kept by rank 0.
public struct TrainingLog: Codable, Equatable, Sendable {
  /// The sums over the samples of the epoch in progress.
  package var samples = MeanSum()
  /// The seconds that the steps of the epoch in progress have taken.
  var seconds = 0.0
  /// Early stopping.
  public package(set) var stopping: EarlyStopping
  /// The learning rate of a plateau, where the schedule is that.
  public package(set) var plateau: LearningRatePlateau?
  /// The lines of metrics.csv.
  public package(set) var epochs: [EpochRecord] = []
  /// What the training images look like; nil where they are too few to say, and in states of an earlier version.
  public package(set) var images: TrainingImages?

  init(_ configuration: TrainingConfiguration) {
    stopping = configuration.earlyStopping
    plateau = configuration.plateau
  }
}
