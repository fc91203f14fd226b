import Platform
import Communication
import Glibc
import Kernels
import Monitoring
import NeuralNet

/// Looks for what memory or a core has made wrong, and names who has it. All workers make one and call it alike.
///
/// What is compared when, and what that finds, is in docs/memory-errors.md.
final class Verification {
  /// What has changed by itself in a worker's memory.
  private enum Kind: Int { case nothing, state, training, validation, best, evaluated }

  private let communicator: any Communicator
  private let step: TrainingStep
  private let tables: [TableSeals]
  private let hosts: [String]
  private let isExact: Bool
  /// The digest of the best epoch's parameters, where rank 0 has them.
  private var best: UInt64?

  /// The place in the run, for messages; and the last checkpoint's.
  var position = TrainingPosition()
  var lastCheckpoint: TrainingPosition?

  /// Notes what the data are. Collective.
  init(
    _ communicator: any Communicator, step: TrainingStep, data: TrainingData, configuration: TrainingConfiguration
  ) throws {
    self.communicator = communicator
    self.step = step
    isExact = configuration.allReduce == .reproducible
    let hosts = try communicator.allGather(Array(Host.name.utf8)).map { String(decoding: $0, as: UTF8.self) }
    self.hosts = hosts
    let training = TableSeals(data.training, name: "training")
    tables =
      data.validation === data.training ? [training] : [training, TableSeals(data.validation, name: "validation")]
    if configuration.shuffle != .shard { try agreeOnTables() }
  }

  /// A worker as messages name it.
  func name(rank: Int, core: Int) -> String {
    "rank \(rank) on \(hosts[rank]), core \(core)"
  }

  /// The rank of a worker.
  func rank(of workerIndex: Int) -> Int { communicator.topology.order[workerIndex] }

  /// Notes the best parameters, which rank 0 has.
  func seal(best: [Float]?) { self.best = best.map(Self.digest) }

  /// Compares everything that lies in this worker's memory with what was noted of it. Collective.
  ///
  /// - Parameters:
  ///   - readsTables: whether to read all rows, too.
  ///   - best: rank 0's best parameters.
  ///   - evaluated: this worker's copy of the parameters that were evaluated, where it is one of the shared ones.
  func check(readsTables: Bool, best: [Float]?, evaluated: [Float]? = nil) throws {
    communicator.heartbeat.enter(.verification)
    step.compareWithSeals(step: step.stepsTaken)
    let finding = finding(readsTables: readsTables, best: best, evaluated: evaluated)
    let findings = try communicator.allGather(finding + [currentCore])
    let ranks = findings.indices.filter { findings[$0][0] != Kind.nothing.rawValue }
    guard !ranks.isEmpty else { return }
    let found = ranks.map { "\(describe(findings[$0])), found by \(name(rank: $0, core: findings[$0][4]))" }
    throw failure(
      "the memory of \(machines(ranks)) has changed by itself: \(found.joined(separator: "; "))", suspects: ranks)
  }

  /// The hosts of some ranks, each once.
  private func machines(_ ranks: [Int]) -> String {
    var machines: [String] = []
    for host in ranks.map({ hosts[$0] }) where !machines.contains(host) { machines.append(host) }
    return machines.joined(separator: " and ")
  }

  /// What this worker finds in its memory: the kind and three numbers.
  private func finding(readsTables: Bool, best: [Float]?, evaluated: [Float]?) -> [Int] {
    if let broken = step.seals.broken {
      return [Kind.state.rawValue, broken.vector, broken.block.lowerBound, broken.block.upperBound]
    }
    if readsTables {
      for (table, kind) in zip(tables, [Kind.training, .validation]) {
        if let bytes = table.firstBroken() { return [kind.rawValue, bytes.lowerBound, bytes.upperBound, 0] }
      }
    }
    if let noted = self.best, best.map(Self.digest) != noted { return [Kind.best.rawValue, 0, 0, 0] }
    if let evaluated, Self.digest(evaluated) != step.digest(0..<step.layout.paddedCount) {
      return [Kind.evaluated.rawValue, 0, 0, 0]
    }
    return [Kind.nothing.rawValue, 0, 0, 0]
  }

  private func describe(_ finding: [Int]) -> String {
    switch Kind(rawValue: finding[0]) ?? .nothing {
    case .nothing: return "nothing"
    case .state:
      let vector = step.vectorName(finding[1])
      let tensors = step.layout.names(in: finding[2]..<finding[3]).joined(separator: ", ")
      return "\(vector) of \(tensors) are not what the last step left"
    case .training: return "\(tables[0].describe(finding[1]..<finding[2])) are not what was loaded"
    case .validation: return "\(tables[tables.count - 1].describe(finding[1]..<finding[2])) are not what was loaded"
    case .best: return "the best epoch's parameters are not what that epoch left"
    case .evaluated: return "the parameters that were evaluated are not those that were trained"
    }
  }

  /// Compares the copies of the parameters that the hosts have, slice by slice with the owner's. Collective; after `check`,
  /// which makes sure that the owners have what they left.
  ///
  /// - Parameter evaluated: this worker's copy of the parameters that were evaluated, if it has one.
  func agree(evaluated: [Float]? = nil) throws {
    let ranges = try communicator.allGather([step.optimizer.range.lowerBound, step.optimizer.range.upperBound])
    let slices = ranges.map { $0[0]..<$0[1] }
    let own = slices.map { step.digest($0) } + [evaluated.map(Self.digest) ?? 0]
    let all = try communicator.allGather(own)
    let cores = try communicator.allGather(currentCore)
    for (owner, slice) in slices.enumerated() where !slice.isEmpty {
      let copies = all.map { $0[owner] }
      guard copies.contains(where: { $0 != copies[0] }) else { continue }
      throw disagreement(copies, owner: isExact ? owner : nil, slice, cores)
    }
    let copies = all.map { $0[slices.count] }
    guard copies.contains(where: { $0 != copies[0] }) else { return }
    throw disagreement(copies, owner: nil, 0..<step.layout.count, cores)
  }

  private func disagreement(_ copies: [UInt64], owner: Int?, _ slice: Range<Int>, _ cores: [Int]) -> Failure {
    let odd = owner.map { owner in copies.indices.filter { copies[$0] != copies[owner] } } ?? Vote(copies).losers
    let names = odd.map { name(rank: $0, core: cores[$0]) }.joined(separator: "; ")
    let tensors = step.layout.names(in: slice)
    let what = tensors.count > 3 ? "the parameters" : "the parameters of \(tensors.joined(separator: ", "))"
    let text =
      odd.count == copies.count
      ? "the workers no longer have the same parameters, and no majority says who is right: \(names) differ in \(what)"
      : "\(names): \(what) differ from those of the other workers, who agree"
    guard isExact else {
      return Failure(
        .software,
        text + ". This all-reduce does not leave the same bits with all of them", remedy: .reproducibleReduction,
        isCollective: true)
    }
    return failure(text, suspects: odd)
  }

  /// Compares the rows that the hosts have loaded, each into memory of its own. Collective.
  private func agreeOnTables() throws {
    for table in tables {
      let parts = try communicator.allGather(table.part)
      let nodes = communicator.topology.nodes
      let sums = nodes.map { $0.reduce(UInt64(0)) { $0 &+ parts[$1] } }
      guard sums.contains(where: { $0 != sums[0] }) else { continue }
      let odd = Vote(sums).losers.map { hosts[nodes[$0][0]] }
      throw Failure(
        .software,
        """
        the \(table.name) rows in the memory of \(odd.joined(separator: ", ")) are not those of the other hosts\
        \(odd.count == nodes.count ? ", and no majority says whose are right" : ""), though they were handed to all. Test \
        the memory and the network of that host, then start again
        """, isCollective: true)
    }
  }

  /// The failure that all workers throw.
  func failure(_ text: String, suspects: [Int]) -> Failure {
    let saved =
      lastCheckpoint.map { "What was saved is kept: the checkpoint \($0), when all was last found in order." }
      ?? "Nothing was saved yet: start again."
    return Failure(
      .software,
      """
      \(position): \(text).
      This is a fault of the hardware (a bit that flipped in memory, or a core that computes wrongly), or another program has \
      written into this one. Test \(machines(suspects)), or train without it. \(saved)
      """, remedy: lastCheckpoint == nil ? nil : .resume, isCollective: true)
  }

  private static func digest(_ values: [Float]) -> UInt64 {
    values.withUnsafeBytes { $0.baseAddress.map { [count = $0.count] in memoryDigest($0, byteCount: count) } ?? 0 }
  }
}

extension TrainingStep {
  /// The digest of a range of the parameters as this worker sees them.
  func digest(_ range: Range<Int>) -> UInt64 {
    memoryDigest(parameters + range.lowerBound, byteCount: range.count * MemoryLayout<Float>.stride)
  }
}

extension Remedy {
  /// Reduce the gradients reproducibly.
  static let reproducibleReduction = Remedy("reproducible-reduction")
}

extension Remedy {
  /// Give the same command again, and resume.
  static let resume = Remedy("resume")
}
