import ModelFiles
import Platform
import Training

// A run may be made longer or shorter than it was begun, as long as the bits up to its state are those of the run that was
// given that length at the start.
extension TrainingState {
  /// Whether a run of that configuration has nothing left to train.
  func isComplete(_ configuration: TrainingConfiguration) -> Bool {
    log.stopping.isOver || position.epoch > configuration.epochs
  }

  /// This state as a run of that configuration has it, whose epochs and patience may be others than this run's were.
  ///
  /// - Throws: `CheckpointError` where it cannot be a state of such a run, `Failure` where this run went another way.
  package func continued(by configuration: TrainingConfiguration, in path: String) throws -> TrainingState {
    for name in TrainingStep.vectorNames(configuration) where !vectors.contains(where: { $0.name == name }) {
      throw CheckpointError.malformed("'\(name)' is missing")
    }
    let trained = log.epochs.count
    guard trained <= configuration.epochs else {
      throw Failure(
        .usage,
        "the run in \(path) has trained \(trained) epochs already, and this command asks for \(configuration.epochs)",
        remedy: .moreEpochs(trained))
    }
    var state = self
    guard log.plateau == configuration.plateau.map(log.replay) else {
      throw CheckpointError.malformed("its learning rate is not what its epochs say")
    }
    let stopping = log.replay(configuration.earlyStopping)
    guard let stopping else {
      throw Failure(
        .usage,
        "the run in \(path) has trained \(trained) epochs, and with a patience of \(configuration.patience ?? 0) it would have "
          + "stopped before", remedy: .morePatience)
    }
    state.log.stopping = stopping
    return state
  }
}

extension TrainingLog {
  /// Early stopping after the log's epochs, by rules that may be others; nil if training would have stopped before the last
  /// of them, or if what the epochs say of themselves is not what these rules say.
  ///
  /// - Parameter rules: early stopping before the first epoch.
  func replay(_ rules: EarlyStopping) -> EarlyStopping? {
    var stopping = rules
    for record in epochs {
      guard !stopping.isOver else { return nil }
      let decision = stopping.epochEnded(record.epoch, value: record.value(of: stopping.monitor))
      guard decision.keepsWeights == record.isBest else { return nil }
    }
    return stopping
  }

  /// The learning rate's plateau after the log's epochs.
  ///
  /// - Parameter rules: the plateau before the first epoch.
  func replay(_ rules: LearningRatePlateau) -> LearningRatePlateau {
    var plateau = rules
    for record in epochs { _ = plateau.epochEnded(value: record.value(of: plateau.monitor)) }
    return plateau
  }
}

extension Remedy {
  /// Ask for at least that many epochs, or begin a new run.
  static func moreEpochs(_ epochs: Int) -> Remedy { Remedy("more-epochs", "\(epochs)") }
  /// Ask for a larger patience, or begin a new run.
  static let morePatience = Remedy("more-patience")
}
