import Monitoring

/// A worker's view of a group of workers: threads of one process, or MPI ranks.
///
/// All members of a group must call the collective methods in the same order with matching arguments. Both
/// implementations have the same contract, which one test suite checks. Only one thread at a time may use a communicator.
///
/// The requirements take unsafe buffers; extensions (`Communicator+Arrays.swift`) take arrays, single values and text.
public protocol Communicator: AnyObject {
  /// This worker's rank in the group, `0 ..< size`.
  var rank: Int { get }

  /// The number of workers in the group.
  var size: Int { get }

  /// The nodes of the group: workers of one node can share memory.
  var topology: Topology { get }

  /// This worker's heartbeats, which the watchdogs of its node read.
  var heartbeat: Heartbeat { get }

  /// Waits until all workers of the group have called it.
  func barrier() throws

  /// Broadcasts `root`'s elements to every worker. All buffers must have the same length.
  func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws

  /// Combines the workers' elements with `operation`, in place; every worker gets the result. The order of operations is
  /// up to the implementation: unlike the reproducible reduction, this does not guarantee the same bits for any number of
  /// workers.
  func allReduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation) throws

  /// Like `allReduce`, but only `root` gets the result; the contents of the other workers' buffers become unspecified.
  func reduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation, root: Int) throws

  /// Gathers every worker's elements on all workers, in rank order.
  ///
  /// `send` may be this worker's own part of `receive`; otherwise the two must not overlap.
  ///
  /// - Parameter counts: the number of elements that each rank sends, the same on all workers; may be 0. `receive` has
  ///   room for all of them.
  func allGather<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int]) throws

  /// Like `allGather`, but only `root` gets the result; the others pass an empty `receive`.
  func gather<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int], root: Int)
    throws

  /// Sends to another worker. Returns when the buffer may be reused, possibly only after the receiver has started to
  /// receive. Tags are `0 ... 32767`.
  func send<Element: Transferable>(_ buffer: UnsafeBufferPointer<Element>, to rank: Int, tag: Int) throws

  /// Receives from another worker. Messages with the same source and tag arrive in the order in which they were sent. The
  /// message must have the length and the element type of the buffer.
  func receive<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from rank: Int, tag: Int) throws

  /// Starts a send; the buffer must not be modified until `wait` returns.
  func startSend<Element: Transferable>(
    _ buffer: UnsafeBufferPointer<Element>, to rank: Int, tag: Int
  ) throws -> any CommunicationRequest

  /// Starts a receive; the buffer is filled when `wait` returns.
  func startReceive<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from rank: Int, tag: Int
  ) throws -> any CommunicationRequest

  /// Splits the group: workers with the same `color` form a new group, ordered by `key`, then by rank. A worker with a
  /// nil color gets nil, but must take part in the call.
  func split(color: Int?, key: Int) throws -> (any Communicator)?

  /// Allocates zeroed memory that all workers of this node share. Collective over the whole group; workers of one node
  /// must pass the same size.
  func makeSharedSegment(byteCount: Int) throws -> SharedSegment

  /// Ends the whole group immediately, whatever the others are doing, with this exit code.
  func abort(exitCode: Int32) -> Never
}

/// An operation in progress, started by `startSend` or `startReceive`.
public protocol CommunicationRequest {
  /// Waits until the operation is complete. Must be called exactly once.
  func wait() throws
}

/// How a reduction combines two elements.
public enum ReductionOperation: Sendable, CaseIterable {
  /// The sum of the elements.
  case sum
  /// The smallest element.
  case minimum
  /// The largest element.
  case maximum
}
