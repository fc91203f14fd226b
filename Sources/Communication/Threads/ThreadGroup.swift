import Monitoring
import Platform
import Synchronization

/// Workers as threads of one process, with the same contract as ranks.
public enum ThreadGroup {
  /// The stack size of a worker's thread in bytes.
  static let stackSize = 16 << 20

  /// Runs `body` on `workers` threads, each with its own communicator, and returns their results in rank order.
  ///
  /// An error thrown by one worker ends the group: the others throw `aborted` when they wait. So does a worker that
  /// returns while others wait for it.
  ///
  /// - Parameters:
  ///   - workers: the number of workers, at least 1.
  ///   - nodes: the number of workers on each simulated node, in rank order; by default all are on one node.
  ///   - table: the heartbeat table for the workers; nil if no watchdog reads it.
  ///   - body: called on each worker's thread.
  /// - Throws: `WorkerFailure` with the first error and its worker; `CommunicationError` for invalid counts.
  public static func run<R: Sendable>(
    workers: Int, nodes: [Int]? = nil, heartbeats table: HeartbeatTable? = nil,
    _ body: @escaping @Sendable (any Communicator) throws -> R
  ) throws -> [R] {
    let nodes = nodes ?? [workers]
    guard workers >= 1, nodes.allSatisfy({ $0 >= 0 }), nodes.reduce(0, +) == workers else {
      throw invalid("\(workers) workers cannot be placed on nodes of \(nodes)")
    }
    return try run(
      nodeKeys: nodes.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }, heartbeats: table, body)
  }

  /// Like `run(workers:nodes:heartbeats:_:)`, with one node key per worker: workers with equal keys share memory, e.g.
  /// `[0, 1, 0, 1]` for two nodes with the ranks placed in turn.
  public static func run<R: Sendable>(
    nodeKeys: [Int], heartbeats table: HeartbeatTable? = nil,
    _ body: @escaping @Sendable (any Communicator) throws -> R
  ) throws -> [R] {
    guard !nodeKeys.isEmpty else { throw invalid("a group needs at least one worker") }
    let run = ThreadRun(waiting: WaitPolicy(workers: nodeKeys.count, cores: UsableCores.count))
    let team = ThreadTeam(run: run, nodeKeys: nodeKeys)
    let table = table ?? HeartbeatTable(workers: nodeKeys.count, host: "")
    let results = Mutex<[Int: R]>([:])
    var threads: [WorkerThread] = []
    for rank in nodeKeys.indices {
      let thread = WorkerThread(stackSize: stackSize) {
        let heartbeat = Heartbeat(table, index: rank, rank: rank)
        defer { heartbeat.leave() }
        do {
          let result = try body(ThreadCommunicator(team: team, rank: rank, heartbeat: heartbeat))
          results.withLock { $0[rank] = result }
          run.leave(worker: rank)
        } catch {
          run.fail(worker: rank, error)
        }
      }
      guard let thread else {
        run.fail(worker: rank, invalid("the system cannot create another thread (\(threads.count) were started)"))
        break
      }
      threads.append(thread)
    }
    for thread in threads { thread.join() }
    if let failure = run.failure { throw failure }
    return results.withLock { results in nodeKeys.indices.compactMap { results[$0] } }
  }

  private static func invalid(_ text: String) -> CommunicationError {
    CommunicationError(operation: "ThreadGroup.run", worker: nil, reason: .invalidArgument(text))
  }
}
