import Platform

/// In what workers differ that must be alike, as text: pure, from what each of them has.
package struct Disagreement: CustomStringConvertible {
  /// Values, and ranks of a value, that are listed; of more, only their number is told.
  private static let mostValues = 4, mostRanks = 8

  private let workers: [[AgreedValue]]
  private let hosts: [String]

  /// - Parameters:
  ///   - workers: what each worker has, by rank.
  ///   - hosts: each worker's host.
  package init(workers: [[AgreedValue]], hosts: [String]) {
    self.workers = workers
    self.hosts = hosts
  }

  /// A line for each value that is not everyone's: `--seed: 1 on ranks 0, 1, 3 (node1, node2); 7 on rank 2 (node2)`. Where
  /// the first one differs, the command itself, that is all there is to say.
  package var description: String {
    let firsts = workers.map(\.first)
    let compared = firsts.contains { $0 != firsts[0] } ? Array(names.prefix(1)) : names
    let lines = compared.compactMap { name -> String? in
      let kinds = Self.kinds(workers.map { values in values.first { $0.name == name }?.value })
      guard kinds.count > 1 else { return nil }
      let shown = kinds.prefix(Self.mostValues).map { "\(text($0.value)) on \(text($0.ranks))" }
      let rest = kinds.dropFirst(Self.mostValues)
      let more =
        rest.isEmpty ? "" : "; \(rest.count) other values on \(rest.reduce(0) { $0 + $1.ranks.count }) more ranks"
      return "\n  \(name): \(shown.joined(separator: "; "))\(more)"
    }
    return "the ranks of this job were not started alike:\(lines.joined())\n"
      + "Start all of them with the same command and the same program. A wrapper script, a line of several programs or a "
      + "variable of one host's environment may have changed it; nothing was done"
  }

  /// All names, in the order of the first worker that has each.
  private var names: [String] {
    var seen = Set<String>()
    return workers.joined().map(\.name).filter { seen.insert($0).inserted }
  }

  /// The different values with their ranks; the value of most ranks first, then by the first rank.
  private static func kinds(_ values: [String?]) -> [(value: String?, ranks: [Int])] {
    var ranks: [String?: [Int]] = [:]
    for (rank, value) in values.enumerated() { ranks[value, default: []].append(rank) }
    return ranks.map { ($0.key, $0.value) }.sorted { ($1.1.count, $0.1[0]) < ($0.1.count, $1.1[0]) }
  }

  private func text(_ value: String?) -> String { value.map { foreign($0, limit: 120) } ?? "not given" }

  private func text(_ ranks: [Int]) -> String {
    let shown = ranks.prefix(Self.mostRanks).map(String.init).joined(separator: ", ")
    let more = ranks.count > Self.mostRanks ? " and \(ranks.count - Self.mostRanks) more" : ""
    var seen = Set<String>()
    let places = ranks.filter { hosts.indices.contains($0) }.map { hosts[$0] }.filter { seen.insert($0).inserted }
    let hostNames = places.prefix(Self.mostRanks).map { foreign($0, limit: 64) }.joined(separator: ", ")
    let moreHosts = places.count > Self.mostRanks ? " and \(places.count - Self.mostRanks) more hosts" : ""
    return "rank\(ranks.count == 1 ? "" : "s") \(shown)\(more) (\(hostNames)\(moreHosts))"
  }
}
