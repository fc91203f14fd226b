import Communication
import MPICommunication

/// An error on purpose, for which the job's exit code is 65.
struct DeliberateTrouble: Error, CustomStringConvertible {
  let rank: Int

  var description: String { "deliberate trouble in \(rank)" }
}

extension MultiRankCase {
  /// Jobs that must fail, and how.
  static let failures = [
    failing("one-rank-throws", counts: [1, 2, 3, 4]) { _ in },
    failing("one-rank-throws-others-receive", counts: [2, 3, 4]) { communicator in
      _ = try communicator.receive(Int.self, count: 1, from: 0, tag: 1)
    },
    failing("one-rank-throws-others-in-barrier", counts: [2, 3, 4]) { communicator in
      let segment = try communicator.makeSharedSegment(byteCount: 64)
      if communicator.rank == 0 { throw DeliberateTrouble(rank: 0) }
      while true { try segment.barrier() }
    },
    MultiRankCase("abort", ending: .failure(code: 9, text: "about to abort")) { communicator in
      if communicator.rank == communicator.size - 1 {
        printError("rank \(communicator.rank): about to abort")
        communicator.abort(exitCode: 9)
      }
      try communicator.barrier()
      _ = try communicator.receive(Int.self, count: 1, from: communicator.rank, tag: 1)
    },
    MultiRankCase(
      "wrong-launcher", counts: [1], ending: .wrongLauncher(code: 70, text: "started 2 processes")
    ) { _ in
      throw Unexpected("the library started under another library's launcher")
    },
  ]

  /// Rank 0 throws while its segment and its group are alive; the others are in `wait`, and then in a barrier.
  private static func failing(
    _ name: String, counts: [Int], _ wait: @escaping @Sendable (MPICommunicator) throws -> Void
  ) -> MultiRankCase {
    MultiRankCase(name, counts: counts, ending: .failure(code: 65, text: "rank 0 on {host}: deliberate trouble in 0")) {
      communicator in
      let segment = try communicator.makeSharedSegment(byteCount: 64)
      let group = try communicator.split(color: 0, key: 0)
      defer { withExtendedLifetime((segment, group)) {} }
      if communicator.rank == 0 && name != "one-rank-throws-others-in-barrier" { throw DeliberateTrouble(rank: 0) }
      try wait(communicator)
      try communicator.barrier()
    }
  }
}
