import Monitoring

/// A worker's view of a group of workers that train together: threads of one process or MPI ranks.
///
/// Every member of the group calls the collective methods in the same order with agreeing arguments; the contract is the
/// same for both implementations, and one contract test suite covers both. A worker's communicator is used by one thread
/// at a time.
///
/// The requirements speak of buffers; the array forms for everyday use are in `Communicator+Arrays.swift`.
public protocol Communicator: AnyObject {
  /// This worker's number in the group, `0 ..< size`.
  var rank: Int { get }

  /// The number of workers in the group.
  var size: Int { get }

  /// Which workers share memory with which: workers of one node can share a segment.
  var topology: Topology { get }

  /// This worker's heartbeats, for the watchdogs of its node.
  var heartbeat: Heartbeat { get }

  /// Returns once every worker of the group has called it.
  func barrier() throws

  /// Copies `root`'s elements to every worker. The counts must agree.
  func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws

  /// Combines the workers' elements by `operation` and leaves the result, in place, with every worker. The order of the
  /// combination is the implementation's own: exactness on any layout is the reproducible reduction's promise, not this one's.
  func allReduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation) throws

  /// As `allReduce`, with the result left with `root` only; what the others' buffers hold afterwards is unspecified.
  func reduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation, root: Int) throws

  /// Collects every worker's elements with every worker, in rank order.
  ///
  /// `send` may be this worker's own part of `receive`; otherwise the two must not overlap.
  ///
  /// - Parameter counts: how many elements each rank sends (known to all; zero is legal). `receive` holds their sum.
  func allGather<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int]) throws

  /// As `allGather`, with the result left with `root` only; the others pass an empty `receive`.
  func gather<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int], root: Int)
    throws

  /// Sends to another worker and returns once the buffer may be used again, which may be only when the receiver is there.
  /// Tags are `0 ... 32767`.
  func send<Element: Transferable>(_ buffer: UnsafeBufferPointer<Element>, to rank: Int, tag: Int) throws

  /// Receives from another worker. Messages of one source and tag arrive in the order they were sent. A message of another
  /// length than the buffer is an error, and both sides must name the same element type.
  func receive<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from rank: Int, tag: Int) throws

  /// Starts a send; the buffer must stay untouched until `wait` returns.
  func startSend<Element: Transferable>(
    _ buffer: UnsafeBufferPointer<Element>, to rank: Int, tag: Int
  ) throws -> any CommunicationRequest

  /// Starts a receive; the buffer is filled once `wait` returns.
  func startReceive<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from rank: Int, tag: Int
  ) throws -> any CommunicationRequest

  /// Splits the group: workers of one `color` form a new group, ordered by `key`, then by rank. A nil color takes part in
  /// the call but gets no group.
  func split(color: Int?, key: Int) throws -> (any Communicator)?

  /// Allocates zeroed memory that all workers of this worker's node share. Collective over the whole group; workers of one
  /// node must ask for the same size.
  func makeSharedSegment(byteCount: Int) throws -> SharedSegment

  /// Ends the whole group at once, whatever the others are doing, with the given exit code.
  func abort(exitCode: Int32) -> Never
}

/// An operation under way, started by `startSend` or `startReceive`.
public protocol CommunicationRequest {
  /// Returns once the operation is complete. To be called exactly once.
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
