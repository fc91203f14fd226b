import ArgumentParser
import Communication
import Glibc
import MPICommunication
import Monitoring
import Platform
import Training

/// The option of commands that share work among workers.
struct WorkerOptions: ParsableArguments {
  @Option(
    name: .customLong("workers"), parsing: .unconditional,
    help: ArgumentHelp(
      "Number of worker threads; under mpirun every rank is one worker. (default: one per available core)",
      valueName: "n"))
  var count: Int?

  func validate() throws {
    guard let count else { return }
    try Bounds.check("--workers", count, Bounds.workers)
    if let environment = Launch.environment, count != 1 {
      throw ValidationError(
        "--workers is \(count), but \(environment.launcher) started this process (\(environment.evidence)), and then every "
          + "rank is one worker: choose their number with mpirun -n, and leave --workers out.")
    }
  }
}

/// Starts the workers: ranks where a launcher started this process, threads otherwise.
enum Workers {
  /// Runs `body` on every worker and returns worker 0's result, or, among ranks, this rank's own.
  ///
  /// Among ranks an error does not return: it ends the job, with the exit code of its kind. MPI is started only then: a
  /// process on its own needs no launcher.
  ///
  /// - Parameters:
  ///   - threads: the number of threads; nil for one per available core.
  ///   - stallTimeout: the seconds within which the workers must finish something; nil for any time.
  static func run<R: Sendable>(
    threads: Int?, stallTimeout: Double? = nil, _ body: @escaping @Sendable (any Communicator) throws -> R
  ) throws -> R {
    let watchdog = stallTimeout.map { Watchdog(limit: $0, end: Stall.end) }
    defer { watchdog?.stop() }
    guard Launch.environment != nil else {
      let workers = threads ?? UsableCores.count
      let table = HeartbeatTable(workers: workers, host: Host.name)
      watchdog?.watch(table, ownRank: nil)
      return try ThreadGroup.run(workers: workers, heartbeats: table, body)[0]
    }
    return runRanks(watchdog: watchdog, body)
  }

  /// Runs `body` on every rank. An error that all ranks have is told by rank 0, and all end in order with its exit code: an
  /// abort would leave it to the launcher which rank's end counts. Any other error aborts the job.
  ///
  /// - Parameters:
  ///   - failure: an error that this rank had before it joined the others.
  ///   - watchdog: the watchdog of the ranks, from before they join to their end.
  @discardableResult
  static func runRanks<R>(
    after failure: Failure? = nil, watchdog: Watchdog? = nil, _ body: (any Communicator) throws -> R
  ) -> R {
    // Asked once, when this rank ends the job for an error of its own.
    let exitCode = { (error: any Error) in
      let code = FailureKind(of: error).exitCode
      JSONLines.current?.fail("\(error)", exitCode: code)
      return code
    }
    let result: Result<R, Failure> = MPI.run(exitCode: exitCode) { communicator in
      watchdog?.watch(communicator.heartbeatTable, ownRank: communicator.rank)
      BusError.explain(rank: communicator.rank)
      do {
        // The first thing that the ranks do together: one whose command line is wrong brings its error to it.
        try communicator.agree { if let failure { throw failure } }
        try communicator.requireAgreement(on: Launch.agreed)
        return .success(try body(communicator))
      } catch let failure as Failure where failure.isCollective {
        if communicator.rank == 0 {
          Ending.complain(Advice.message(failure))
          JSONLines.current?.fail(Advice.message(failure), exitCode: failure.failureKind.exitCode)
        }
        return .failure(failure)
      }
    }
    switch result {
    case .success(let value): return value
    case .failure(let failure): exit(failure.failureKind.exitCode)
    }
  }
}
