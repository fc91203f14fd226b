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
