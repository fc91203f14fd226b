import Synchronization

/// A wish to stop, raised at any moment from anywhere, also from a signal handler; the run ends at the next step's end.
public final class StopFlag: Sendable {
  private let number = Atomic<Int32>(0)

  /// A flag that is down.
  public init() {}

  /// The signal that raised the flag; 0 while it is down.
  public var signal: Int32 { number.load(ordering: .relaxed) }

  /// Raises the flag for good. The first signal is the one that is told.
  public func raise(_ signal: Int32) {
    _ = number.compareExchange(expected: 0, desired: signal, ordering: .relaxed)
  }
}

/// When a run hands out its state to be kept, and what stops it.
public struct CheckpointPolicy: Sendable {
  /// Checkpoints are due every so many steps, besides every epoch's end; nil for none between.
  public var everySteps: Int?
  /// Raised to stop the run after a checkpoint.
  public var stop: StopFlag

  /// A policy.
  public init(everySteps: Int? = nil, stop: StopFlag = StopFlag()) {
    self.everySteps = everySteps
    self.stop = stop
  }

  /// Whether one is due after so many steps of the run.
  func isDue(step: Int) -> Bool { everySteps.map { step % $0 == 0 } ?? false }
}

/// A run was stopped between two steps, and its state handed out before: thrown on all workers alike.
public struct TrainingInterrupted: Error, Equatable, Sendable, CustomStringConvertible {
  /// The signal that some worker got.
  public let signal: Int32
  /// Where the run was stopped.
  public let position: TrainingPosition

  /// What happened, and where.
  public var description: String { "stopped by \(StopSignals.name(signal)) \(position)" }
}
