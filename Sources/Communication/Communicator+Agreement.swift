import Monitoring
import Platform

// Agreement: all workers fail if one fails, and all use rank 0's decision.
extension Communicator {
  /// Runs `body` on every worker. If any of them throws, all workers throw the same error: the first one. Collective.
  ///
  /// Errors in a file are ordered by their offset in it, so that the result does not depend on the number of workers; all
  /// others by rank. If not every worker failed, the message names the rank that did.
  public func agree<Value>(_ body: () throws -> Value) throws -> Value {
    try agree(namingRank: true, body)
  }

  /// Runs `body` on rank 0. If it throws, all workers throw the same error. Collective.
  ///
  /// - Returns: the result of `body` on rank 0; nil elsewhere.
  public func onRoot<Value>(_ body: () throws -> Value) throws -> Value? {
    try agree(namingRank: false) { rank == 0 ? try body() : nil }
  }

  private func agree<Value>(namingRank: Bool, _ body: () throws -> Value) throws -> Value {
    // What can fail can also hang, e.g. if a file server does not respond.
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
    // An error on every worker, or at an offset in a file, is not specific to a rank.
    if namingRank, failed.count < size, offsets[first] == 0 { message = "rank \(first): \(message)" }
    throw Failure(
      FailureKind(rawValue: Int32(kinds[first])) ?? .software, message,
      remedy: Remedy(encoded: try broadcast(remedy, root: first)), isCollective: true)
  }

  /// Broadcasts rank 0's decision. Collective.
  package func broadcast(_ decision: Bool) throws -> Bool {
    try broadcast(fromRoot: [UInt8(decision ? 1 : 0)], root: 0)[0] == 1
  }
}
