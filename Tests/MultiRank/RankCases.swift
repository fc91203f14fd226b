import Communication
import MPICommunication

extension MultiRankCase {
  /// What ranks do beyond the contract.
  static let ranksAlone = [
    MultiRankCase("reduce-scatter", reduceScatter),
    MultiRankCase("all-to-all", allToAll),
    MultiRankCase("probe-and-test", probeAndTest),
    MultiRankCase("names-and-versions", namesAndVersions),
    MultiRankCase("library-errors-are-typed", libraryErrors),
    MultiRankCase("closed-communicator", closedCommunicator),
    MultiRankCase("segment-in-use-at-the-end", segmentInUse),
  ]

  private static func reduceScatter(_ communicator: MPICommunicator) throws {
    let counts = (0..<communicator.size).map { $0 % 3 * 2 }
    let terms = (0..<counts.reduce(0, +)).map { $0 * (communicator.rank + 1) }
    var part = [Int](repeating: -1, count: counts[communicator.rank])
    try terms.withUnsafeBufferPointer { send in
      try part.withUnsafeMutableBufferPointer {
        try communicator.reduceScatter(send, into: $0, counts: counts, .sum)
      }
    }
    let start = counts.prefix(communicator.rank).reduce(0, +)
    let factor = communicator.size * (communicator.size + 1) / 2
    try expectEqual(part, (start..<start + part.count).map { $0 * factor }, "this rank's part of the sum")
  }

  /// Rank r sends s % 3 elements r * 100 + s to each rank s.
  private static func allToAll(_ communicator: MPICommunicator) throws {
    let (rank, size) = (communicator.rank, communicator.size)
    let sendCounts = (0..<size).map { $0 % 3 }
    let receiveCounts = [Int](repeating: rank % 3, count: size)
    let sent = (0..<size).flatMap { Array(repeating: Int32(rank * 100 + $0), count: $0 % 3) }
    var received = [Int32](repeating: -1, count: receiveCounts.reduce(0, +))
    try sent.withUnsafeBufferPointer { send in
      try received.withUnsafeMutableBufferPointer {
        try communicator.allToAll(send, sendCounts: sendCounts, into: $0, receiveCounts: receiveCounts)
      }
    }
    let expected = (0..<size).flatMap { Array(repeating: Int32($0 * 100 + rank), count: rank % 3) }
    try expectEqual(received, expected, "what came from all")
  }

  private static func probeAndTest(_ communicator: MPICommunicator) throws {
    let (rank, size) = (communicator.rank, communicator.size)
    let previous = (rank + size - 1) % size
    let message = [Double](repeating: 0.5, count: rank + 3)
    try message.withUnsafeBufferPointer { buffer in
      let sending = try communicator.startSend(buffer, to: (rank + 1) % size, tag: 8)
      let count = try communicator.probe(Double.self, from: previous, tag: 8)
      try expectEqual(count, previous + 3, "the probed length")
      let received = try communicator.receive(Double.self, count: count, from: previous, tag: 8)
      try expectEqual(received, [Double](repeating: 0.5, count: previous + 3), "the message")
      guard let request = sending as? MPIRequest else { throw Unexpected("a send is no MPIRequest") }
      while try !request.test() {}
      do {
        try request.wait()
      } catch let error as CommunicationError {
        try expectEqual(error.reason, .invalidArgument("the request is already complete"), "the reason")
        return
      }
      throw Unexpected("a request could be completed twice")
    }
  }

  private static func namesAndVersions(_ communicator: MPICommunicator) throws {
    let version = try MPI.libraryVersion
    guard version.hasPrefix("Open MPI v") || version.hasPrefix("MPICH Version:") else {
      throw Unexpected("the library calls itself \(version)")
    }
    try expectEqual(try MPI.processorName.isEmpty, false, "the host's name being empty")
    guard let environment = LaunchEnvironment.detect() else { throw Unexpected("no launcher is seen") }
    try expectEqual(environment.size, communicator.size, "the launcher's number of processes")
    try expectEqual(environment.rank, communicator.rank, "the launcher's rank")
    let start = MPI.wallTime
    try expectEqual(MPI.wallTime >= start, true, "time going forwards")
  }

  private static func libraryErrors(_ communicator: MPICommunicator) throws {
    do {
      _ = try communicator.split(color: -5, key: 0)
    } catch let error as CommunicationError {
      try expectEqual(error.operation, "MPI_Comm_split", "the operation")
      try expectEqual(error.worker, communicator.rank, "the worker")
      guard case .library(code: -1, let text) = error.reason, text.contains("2147483647") else {
        throw Unexpected("the reason is \(error.reason)")
      }
      try communicator.barrier()
      return
    }
    throw Unexpected("a negative color was taken")
  }

  private static func closedCommunicator(_ communicator: MPICommunicator) throws {
    guard let group = try communicator.split(color: 0, key: 0) as? MPICommunicator else {
      throw Unexpected("a group of ranks is no MPICommunicator")
    }
    try group.barrier()
    try group.close()
    try group.close()
    do { try group.barrier() } catch let error as CommunicationError {
      try expectEqual(
        error.reason, .invalidArgument("it was closed"), "the reason")
      return
    }
    throw Unexpected("a closed communicator could be used")
  }

  /// The window of a segment that lives as long as the job is freed before the library ends.
  private static func segmentInUse(_ communicator: MPICommunicator) throws {
    let segment = try communicator.makeSharedSegment(byteCount: 1000)
    try segment.barrier()
    kept.segment = segment
  }

  private final class Kept {
    var segment: SharedSegment?
  }

  nonisolated(unsafe) private static let kept = Kept()
}
