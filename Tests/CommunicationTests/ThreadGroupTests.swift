import Communication
import Platform
import TestTags
import Testing

private struct Trouble: Error, Equatable {}

@Suite("Threads of one process work as a group", .tags(.threads))
struct ThreadGroupTests {
  @Test func `Results come in rank order`() throws {
    #expect(try ThreadGroup.run(workers: 5) { $0.rank * 10 } == [0, 10, 20, 30, 40])
  }

  @Test func `Nodes are simulated`() throws {
    let topologies = try ThreadGroup.run(workers: 4, nodes: [3, 1]) { $0.topology }
    #expect(topologies == Array(repeating: Topology(keys: [0, 0, 0, 1]), count: 4))
  }

  @Test func `Impossible placements are refused`() {
    #expect(throws: CommunicationError.self) { try ThreadGroup.run(workers: 4, nodes: [3, 2]) { _ in } }
    #expect(throws: CommunicationError.self) { try ThreadGroup.run(workers: 0) { _ in } }
    #expect(throws: CommunicationError.self) { try ThreadGroup.run(nodeKeys: []) { _ in } }
  }

  /// Where the other workers may be when one fails.
  static let waits: [(name: String, body: @Sendable (any Communicator) throws -> Void)] = [
    ("barrier", { try $0.barrier() }),
    ("allReduce", { _ = try $0.allReduce(1, .sum) }),
    ("receive", { _ = try $0.receive(Int.self, count: 1, from: 2, tag: 0) }),
    ("split", { _ = try $0.split(color: 0, key: 0) }),
    ("makeSharedSegment", { _ = try $0.makeSharedSegment(byteCount: 8) }),
  ]

  @Test(arguments: waits.map(\.name), [2, 3, 7])
  func `One worker's error ends all workers`(wait: String, workers: Int) throws {
    let body = try #require(Self.waits.first { $0.name == wait }).body
    let failing = min(2, workers - 1)
    let failure = #expect(throws: WorkerFailure.self) {
      try ThreadGroup.run(workers: workers) { communicator in
        if communicator.rank == failing { throw Trouble() }
        while true {
          // A worker whose wait was not aborted waits again; only an abort ends the group.
          do {
            try workers == 2 ? communicator.barrier() : body(communicator)
          } catch let error as CommunicationError {
            #expect(error.reason == .aborted)
            throw error
          }
        }
      }
    }
    #expect(failure?.worker == failing)
    #expect(failure?.underlying as? Trouble == Trouble())
    #expect(failure?.description == "worker \(failing): Trouble()")
  }

  /// A worker that returns while others still need it: the first that waits for it says so, wherever it waits.
  @Test(arguments: waits.map(\.name), [3, 7])
  func `A worker that returns early leaves no other waiting`(wait: String, workers: Int) throws {
    let body = try #require(Self.waits.first { $0.name == wait }).body
    let failure = #expect(throws: WorkerFailure.self) {
      try ThreadGroup.run(workers: workers) { communicator in
        if communicator.rank != 2 { try body(communicator) }
      }
    }
    let error = failure?.underlying as? CommunicationError
    guard case .left(let ranks)? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(ranks.contains(2))
    #expect(error?.description.contains("already ended") == true)
  }

  @Test func `A worker that returns early does not affect a group without it`() throws {
    let sums = try ThreadGroup.run(workers: 4) { communicator in
      let part = try communicator.split(color: communicator.rank == 0 ? nil : 1, key: 0)
      guard let part else { return 0 }
      var sum = 0
      for _ in 0..<1000 { sum = try part.allReduce(communicator.rank, .sum) }
      return sum
    }
    #expect(sums == [0, 6, 6, 6])
  }

  @Test func `An error reaches workers that wait in a segment's barrier`() throws {
    let failure = #expect(throws: WorkerFailure.self) {
      try ThreadGroup.run(workers: 3) { communicator in
        let segment = try communicator.makeSharedSegment(byteCount: 8)
        if communicator.rank == 1 { throw Trouble() }
        while true { try segment.barrier() }
      }
    }
    #expect(failure?.worker == 1)
  }

  @Test func `An error reaches subgroups`() throws {
    let failure = #expect(throws: WorkerFailure.self) {
      try ThreadGroup.run(workers: 4) { communicator in
        let group = try communicator.split(color: communicator.rank / 2, key: 0)!
        if communicator.rank == 3 { throw Trouble() }
        while true { try group.barrier() }
      }
    }
    #expect(failure?.worker == 3)
  }

  @Test func `Unequal lengths are noticed`() throws {
    let failure = #expect(throws: WorkerFailure.self) {
      try ThreadGroup.run(workers: 2) { communicator in
        var array = [Float](repeating: 1, count: 3 + communicator.rank)
        try communicator.allReduce(&array, .sum)
      }
    }
    let error = failure?.underlying as? CommunicationError
    #expect(error?.reason == .mismatchedLength(expected: 3, actual: 4))
    #expect(error?.operation == "allReduce")
  }

  @Test func `Different operations are noticed`() throws {
    let failure = #expect(throws: WorkerFailure.self) {
      try ThreadGroup.run(workers: 2) { communicator in
        var array = [Float](repeating: 1, count: 3)
        if communicator.rank == 0 {
          try communicator.allReduce(&array, .sum)
        } else {
          try communicator.broadcast(&array, root: 0)
        }
      }
    }
    let error = failure?.underlying as? CommunicationError
    #expect(error?.reason == .invalidArgument("worker 0 calls allReduce, but worker 1 calls broadcast"))
  }

  @Test func `A message of another type is noticed`() throws {
    let failure = #expect(throws: WorkerFailure.self) {
      try ThreadGroup.run(workers: 1) { communicator in
        try communicator.send([Float(1)], to: 0, tag: 0)
        _ = try communicator.receive(Int32.self, count: 1, from: 0, tag: 0)
      }
    }
    let error = failure?.underlying as? CommunicationError
    #expect(error?.reason == .invalidArgument("the message has elements of type float, the buffer int32"))
  }

  @Test func `Many more workers than cores finish`() throws {
    let workers = 8 * UsableCores.count
    let sums = try ThreadGroup.run(workers: workers) { communicator in
      let segment = try communicator.makeSharedSegment(byteCount: 8)
      for _ in 0..<100 { try segment.barrier() }
      return try communicator.allReduce(communicator.rank, .sum)
    }
    #expect(sums == Array(repeating: workers * (workers - 1) / 2, count: workers))
  }
}
