import Glibc

/// All processes of a job on this machine, whatever their parent is now. They are identified by an environment variable,
/// which every process inherits from its parent.
package struct JobProcesses: Sendable {
  /// One of the processes.
  package struct Member: Equatable, Sendable {
    /// The process ID.
    package var id: pid_t
    /// Its MPI rank; nil for the launcher and for processes without one.
    package var rank: Int?
  }

  private static let name = "FINGERSPELL_JOB"
  private let jobID: String

  /// A job without processes yet.
  package init() {
    jobID = "\(getpid())-\(UInt64.random(in: 0 ... .max))"
  }

  /// The environment variables to set for the job's first process.
  package var variables: [String: String] { [Self.name: jobID] }

  /// The job's running processes on this machine. A zombie does not count.
  package func members() -> [Member] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var members: [Member] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard let id = pid_t(name) else { continue }
      let settings = readSystemFile("/proc/\(id)/environ").split(separator: 0)
      guard settings.contains(where: { $0.elementsEqual("\(Self.name)=\(jobID)".utf8) }) else { continue }
      members.append(Member(id: id, rank: Self.rank(settings)))
    }
    return members
  }

  /// The process IDs by rank.
  package func ranks() -> [Int: pid_t] {
    Dictionary(members().compactMap { member in member.rank.map { ($0, member.id) } }) { first, _ in first }
  }

  /// Kills all of them, including those that start meanwhile; returns false if some are still running after five seconds.
  ///
  /// Succeeds only after finding none twice in a row: during `exec` a process briefly has no environment.
  @discardableResult
  package func kill() -> Bool {
    var wasEmpty = false
    for _ in 0..<500 {
      let members = members()
      if members.isEmpty, wasEmpty { return true }
      wasEmpty = members.isEmpty
      for member in members { _ = Glibc.kill(member.id, SIGKILL) }
      pause(.milliseconds(10))
    }
    return false
  }

  private static func rank(_ settings: [[UInt8].SubSequence]) -> Int? {
    for name in ["OMPI_COMM_WORLD_RANK=", "PMI_RANK=", "PMIX_RANK="] {
      guard let setting = settings.first(where: { $0.starts(with: name.utf8) }) else { continue }
      return Int(String(decoding: setting.dropFirst(name.utf8.count), as: UTF8.self))
    }
    return nil
  }
}

/// The contents of a file under /proc, which reports no size; empty if it cannot be read.
private func readSystemFile(_ path: String) -> [UInt8] {
  guard let file = try? OpenFile(path, O_RDONLY) else { return [] }
  return withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 1) { block in
    var bytes: [UInt8] = []
    while let count = try? file.read(into: block), count > 0 { bytes += block[..<count] }
    return bytes
  }
}
