import Synchronization

/// A request to stop, which may be raised at any time from anywhere, even a signal handler. The run stops after the
/// current training step.
public final class StopFlag: Sendable {
  private let number = Atomic<Int32>(0)

  /// A flag that is not raised.
  public init() {}

  /// The signal that raised the flag; 0 while it is not raised.
  public var signal: Int32 { number.load(ordering: .relaxed) }

  /// Raises the flag permanently. `signal` keeps the first signal's number.
  public func raise(_ signal: Int32) {
    _ = number.compareExchange(expected: 0, desired: signal, ordering: .relaxed)
  }
}
