import Communication

/// A barrier between measurements, and one measurement out of everyone's.
struct Rendezvous {
  private let communicator: any Communicator
  private let segment: SharedSegment

  /// Collective.
  init(_ communicator: any Communicator) throws {
    self.communicator = communicator
    segment = try communicator.makeSharedSegment(byteCount: 0)
  }

  /// Returns once all workers are here. Those that wait long sleep in the segment, so that a worker which is measured alone has
  /// the machine to itself; MPI's own barrier would keep their cores busy.
  func barrier() throws {
    try segment.barrier()
    if communicator.topology.nodes.count > 1 { try communicator.barrier() }
  }

  /// The workers' measurements, one by one the longest that any worker saw: what is distributed takes as long as its
  /// slowest part.
  func longest(_ seconds: [Double]) throws -> [Double] {
    var seconds = seconds
    try communicator.allReduce(&seconds, .maximum)
    return seconds
  }

  /// Runs `body` on all workers at once and gives the seconds of the slowest.
  func seconds(_ body: () throws -> Void) throws -> Double {
    try barrier()
    return try longest([try Stopwatch.seconds(body)])[0]
  }
}
