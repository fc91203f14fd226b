import Communication
import Datasets
import Monitoring
import Platform
import Synchronization

/// Reads one source on all workers, and makes sure that its files are the same: the same contents on every host, and the same files, in
/// the same state, for every worker of a host, from the first look to the last byte.
///
/// Each host hashes the files once, on a thread of its own, while its workers parse.
package enum FileAgreement {
  /// Runs `body`, which reads the source, and compares what there is to compare before and after it. Collective.
  ///
  /// - Returns: what `body` returns, and the source's SHA-256; nil for one that reads no file.
  package static func whileReading<Value>(
    _ source: DataSource, _ communicator: any Communicator, _ body: () throws -> Value
  ) throws -> (Value, SHA256Digest?) {
    let rows = source.rows
    guard !rows.paths.isEmpty else { return (try communicator.agree(body), nil) }
    // What cannot be looked at cannot be read either, and the reader says it better.
    let found = try? rows.versions()
    guard try communicator.allReduce(found == nil ? 1 : 0, .maximum) == 0, let before = found else {
      return (try communicator.agree(body), nil)
    }
    let isFirst = communicator.topology.nodes.contains { $0.first == communicator.rank }
    try requireOneFile(rows, before, communicator)
    let hash = isFirst ? BackgroundHash(rows) : nil
    let value = communicator.heartbeat.during(.files) { Result(catching: body) }
    var digest: Result<SHA256Digest?, FileError>?
    if case .success = value { digest = hash?.finish() } else { hash?.cancel() }
    let result = try communicator.agree {
      let value = try value.get()
      guard try rows.versions() == before else { throw changed(rows.name) }
      return (value, try digest?.get() ?? nil)
    }
    let own = result.1?.bytes ?? []
    let digests = try communicator.allGather(own)
    let firsts = communicator.topology.nodes.map { digests[$0[0]] }
    guard firsts.allSatisfy({ $0 == firsts[0] }) else {
      throw try differentFiles(
        rows, before, SHA256Digest(bytes: digests[nodeFirst(communicator)]), communicator)
    }
    return (result.0, SHA256Digest(bytes: firsts[0]))
  }

  /// Larger files are not hashed only to say how they differ.
  private static let mostHashed = 1 << 32

  private static func nodeFirst(_ communicator: any Communicator) -> Int {
    communicator.topology.nodes[communicator.topology.nodeOfRank[communicator.rank]][0]
  }

  /// Before anything is read: a file that workers of one host share must be in one state, and what may be different files
  /// (those of another size, and those of other names on one host) must have the same contents.
  private static func requireOneFile(
    _ source: any RowSource, _ versions: [FileVersion], _ communicator: any Communicator
  ) throws {
    let numbers = try communicator.allGather(versions.flatMap(\.numbers))
    let firstSizes = sizes(of: numbers[0])
    var mayDiffer = numbers.contains { sizes(of: $0) != firstSizes }
    for node in communicator.topology.nodes {
      let first = numbers[node[0]]
      for other in node.map({ numbers[$0] }) where other != first {
        let areSameFiles = identities(of: other) == identities(of: first)
        guard !areSameFiles else { throw Failure(.data, changed(source.name).description, isCollective: true) }
        mayDiffer = true
      }
    }
    guard mayDiffer else { return }
    let digest = try communicator.agree { size(versions) > mostHashed ? nil : try source.sha256 { true } }
    let digests = try communicator.allGather(digest?.bytes ?? [])
    // What was too large to be hashed is not known to be equal.
    if digests.contains(where: { $0 != digests[0] || $0.isEmpty }) {
      throw try differentFiles(source, versions, digest, communicator)
    }
  }

  // A version is five numbers: the device, the inode, the size and two times.

  private static func sizes(of numbers: [Int]) -> [Int] {
    stride(from: 2, to: numbers.count, by: 5).map { numbers[$0] }
  }

  private static func identities(of numbers: [Int]) -> [Int] {
    numbers.indices.filter { $0 % 5 < 2 }.map { numbers[$0] }
  }

  /// The bytes of all files.
  private static func size(_ versions: [FileVersion]) -> Int { versions.reduce(0) { $0 &+ $1.size } }

  private static func changed(_ path: String) -> Failure {
    Failure(
      .data,
      "\(foreign(path)) was changed or replaced while it was read; nothing may write it during a run. Wait until it is complete, "
        + "and start again")
  }

  /// Says which hosts have which file. Collective.
  private static func differentFiles(
    _ source: any RowSource, _ versions: [FileVersion], _ digest: SHA256Digest?, _ communicator: any Communicator
  ) throws -> Failure {
    let hash = digest.map { "SHA-256 \($0)" } ?? "too large to be hashed here"
    let texts = try communicator.allGather(Array("\(foreign(source.name)), \(size(versions)) bytes, \(hash)".utf8))
    let hosts = try communicator.allGather(Array(Host.name.utf8)).map { String(decoding: $0, as: UTF8.self) }
    var kinds: [(file: String, ranks: [Int])] = []
    for (rank, text) in texts.map({ String(decoding: $0, as: UTF8.self) }).enumerated() {
      if let place = kinds.firstIndex(where: { $0.file == text }) {
        kinds[place].ranks.append(rank)
      } else {
        kinds.append((text, [rank]))
      }
    }
    let lines = kinds.prefix(8).map { kind in
      var seen = Set<String>()
      let names = kind.ranks.map { hosts[$0] }.filter { seen.insert($0).inserted }.prefix(8).joined(separator: ", ")
      let ranks = kind.ranks.prefix(8).map(String.init).joined(separator: ", ")
      return
        "\n  \(foreign(names)) (rank\(kind.ranks.count == 1 ? "" : "s") \(ranks)\(kind.ranks.count > 8 ? ", ..." : "")): \(kind.file)"
    }
    return Failure(
      .data,
      "the ranks read different files; a mixture is refused:\(lines.joined())\n"
        + "Copy one of them to all hosts, or put it on a file system that they share", isCollective: true)
  }
}

/// A source's SHA-256, computed by a thread beside the caller's.
private final class BackgroundHash: @unchecked Sendable {
  // Sendable, because `result` is written by the thread before it ends, and read after it was joined.
  private let source: any RowSource
  private let isWanted = Atomic<Bool>(true)
  private var result: Result<SHA256Digest?, FileError>?
  private var thread: WorkerThread?

  init(_ source: any RowSource) {
    self.source = source
    thread = WorkerThread(stackSize: 512 << 10) { [self] in compute() }
  }

  /// The checksum, when the thread has ended; computed here where the system gave none. To be called once.
  func finish() -> Result<SHA256Digest?, FileError> {
    thread?.join()
    if result == nil { compute() }
    return result!
  }

  /// Ends the thread: nobody needs the checksum of a file that cannot be used, and its size may be absurd.
  func cancel() {
    isWanted.store(false, ordering: .relaxed)
    thread?.join()
  }

  private func compute() {
    result = Result { () throws(FileError) in
      try source.sha256(isWanted: { isWanted.load(ordering: .relaxed) })
    }
  }
}
