import Platform

/// When a run hands out its state to be kept, and what stops it.
public struct CheckpointPolicy: Sendable {
  /// Checkpoints are due every n steps, in addition to every epoch's end; nil for none between.
  public var everySteps: Int?
  /// Raised to stop the run after a checkpoint.
  public var stop: StopFlag
  /// When the run is to end, after the step in progress and a checkpoint; nil for never. Each worker goes by its own clock.
  public var deadline: ContinuousClock.Instant?

  /// A policy.
  public init(everySteps: Int? = nil, stop: StopFlag = StopFlag(), deadline: ContinuousClock.Instant? = nil) {
    self.everySteps = everySteps
    self.stop = stop
    self.deadline = deadline
  }

  /// Whether the time is over, by this worker's clock.
  var isOvertime: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

  /// Whether one is due after `step` steps of the run.
  func isDue(step: Int) -> Bool { everySteps.map { step % $0 == 0 } ?? false }
}

/// A run was stopped between two steps, and its state handed out before: thrown on all workers alike.
public struct TrainingInterrupted: UserError, Equatable, Sendable, CustomStringConvertible {
  /// Stopped by a signal.
  public var failureKind: FailureKind { .interrupted }

  /// The signal that some worker got.
  public let signal: Int32
  /// Where the run was stopped.
  public let position: TrainingPosition

  /// What happened, and where.
  public var description: String { "stopped by \(StopSignals.name(signal)) \(position)" }
}
