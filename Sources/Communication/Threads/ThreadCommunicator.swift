import Monitoring

/// The communicator of a worker of a `ThreadGroup`.
///
/// In a collective call, each worker publishes its contribution and waits at a barrier. Then all workers read each
/// other's buffers in place, and wait again before anyone may modify its buffer.
final class ThreadCommunicator: Communicator {
  typealias Contribution = ThreadTeam.Contribution

  let rank: Int
  let team: ThreadTeam
  let heartbeat: Heartbeat
  let waiting: WaitPolicy
  private let segment: SharedSegment

  /// The number of collective calls so far; during a call it is the same on every worker.
  private(set) var callNumber = 0

  var size: Int { team.size }
  var topology: Topology { team.topology }

  init(team: ThreadTeam, rank: Int, heartbeat: Heartbeat) {
    self.team = team
    self.rank = rank
    self.heartbeat = heartbeat
    waiting = team.run.waiting.reporting(to: heartbeat)
    segment = team.barrierMemory.segment(localRank: rank, localSize: team.size, waiting: waiting)
  }

  func barrier() throws { try barrier("barrier") }

  func abort(exitCode: Int32) -> Never { endProcess(exitCode) }

  /// The group's barrier; its errors name the collective operation.
  func barrier(_ operation: StaticString) throws {
    do { try segment.barrier() } catch { throw self.error(operation, .aborted) }
  }

  /// A collective call: `body` runs between two barriers and may read all contributions and their buffers.
  func collectively<R>(_ contribution: Contribution, _ body: () throws -> R) throws -> R {
    let operation = contribution.operation
    callNumber += 1
    team.contributions[rank] = contribution
    team.startReading()
    do {
      try barrier(operation)
    } catch {
      team.stopReading()
      team.waitForReaders()
      throw error
    }
    let result = Result {
      try checkAgreement(operation)
      return try body()
    }
    team.stopReading()
    do { try barrier(operation) } catch {
      team.waitForReaders()
      throw error
    }
    return try result.get()
  }

  /// Compares all contributions with the first. Every worker does the same, so either all throw or none.
  private func checkAgreement(_ operation: StaticString) throws {
    let first = team.contributions[0]
    for other in 1..<max(1, size) {
      let contribution = team.contributions[other]
      guard contribution.operation.description == first.operation.description else {
        throw error(
          operation,
          .invalidArgument("worker 0 calls \(first.operation), but worker \(other) calls \(contribution.operation)"))
      }
      guard contribution.elementType == first.elementType, contribution.agreement == first.agreement else {
        throw error(
          operation,
          .invalidArgument("workers 0 and \(other) disagree on the element type, the root or the reduction"))
      }
    }
  }

  /// Checks that all contributions have the same number of elements.
  func checkEqualCounts(_ operation: StaticString) throws {
    for other in 0..<size where team.contributions[other].count != team.contributions[0].count {
      throw error(
        operation,
        .mismatchedLength(expected: team.contributions[0].count, actual: team.contributions[other].count))
    }
  }

  func checkRank(_ operation: StaticString, _ other: Int) throws {
    guard (0..<size).contains(other) else { throw error(operation, .invalidRank(other, size: size)) }
  }

  func error(_ operation: StaticString, _ reason: CommunicationError.Reason) -> CommunicationError {
    CommunicationError(operation: operation.description, worker: rank, reason: reason)
  }

  /// The buffer of worker `other` in the current collective call.
  func buffer<Element>(of other: Int, as type: Element.Type) -> UnsafeMutableBufferPointer<Element> {
    let contribution = team.contributions[other]
    return UnsafeMutableBufferPointer(
      start: contribution.pointer?.assumingMemoryBound(to: Element.self), count: contribution.count)
  }
}
