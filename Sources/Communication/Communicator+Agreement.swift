import Monitoring
import Platform

// What all workers decide alike: whether something has failed, and what rank 0 knows.
extension Communicator {
  /// Runs `body` on every worker and lets all of them fail alike if any fails, with the error that comes first.
  ///
  /// Collective. Errors inside one file are ordered by their offset in it, so that the report does not depend on the number
  /// of workers. An error that not every worker meets names the rank that does.
  public func agree<Value>(_ body: () throws -> Value) throws -> Value {
    try agree(namingRank: true, body)
  }

  /// Runs `body` on rank 0 and lets all workers fail with its error. Collective.
  ///
  /// - Returns: what `body` returns, on rank 0; nil elsewhere.
  public func onRoot<Value>(_ body: () throws -> Value) throws -> Value? {
    try agree(namingRank: false) { rank == 0 ? try body() : nil }
  }

  private func agree<Value>(namingRank: Bool, _ body: () throws -> Value) throws -> Value {
    // What fails may also hang: a file server that does not answer.
    let result = heartbeat.during(.files) { Result(catching: body) }
    var (kind, offset, text, remedy) = (0, 0, "", "")
    if case .failure(let error) = result {
      kind = Int(FailureKind(of: error).rawValue)
      text = "\(error)"
      remedy = (error as? any UserError)?.remedy?.encoded ?? ""
      offset = (error as? any UserError)?.fileOffset ?? 0
    }
    let kinds = try allGather(kind)
    let offsets = try allGather(offset)
    let failed = kinds.indices.filter { kinds[$0] != 0 }
    guard let first = failed.min(by: { (offsets[$0], $0) < (offsets[$1], $1) }) else { return try result.get() }
    var message = try broadcast(text, root: first)
    // What every worker meets, and what has its place in a file, is nobody's own.
    if namingRank, failed.count < size, offsets[first] == 0 { message = "rank \(first): \(message)" }
    throw Failure(
      FailureKind(rawValue: Int32(kinds[first])) ?? .software, message,
      remedy: Remedy(encoded: try broadcast(remedy, root: first)), isCollective: true)
  }

  /// Rank 0's decision, for all. Collective.
  package func broadcast(_ decision: Bool) throws -> Bool {
    try broadcast(fromRoot: [UInt8(decision ? 1 : 0)], root: 0)[0] == 1
  }
}
