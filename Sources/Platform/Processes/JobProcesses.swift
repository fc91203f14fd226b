import Glibc

/// All processes of a job, wherever they went and whoever is their parent now: they are known by a variable of their
/// environment, which every process inherits from the one that starts it.
package struct JobProcesses: Sendable {
  /// One of the processes.
  package struct Member: Equatable, Sendable {
    /// Its number.
    package var id: pid_t
    /// The rank that a launcher made it; nil for the launcher, and for a process without one.
    package var rank: Int?
  }

  private static let name = "FINGERSPELL_JOB"
  private let mark: String

  /// A job without processes.
  package init() {
    mark = "\(getpid())-\(UInt64.random(in: 0 ... .max))"
  }

  /// What the environment of the job's first process must have.
  package var variables: [String: String] { [Self.name: mark] }

  /// The processes that are there now, on this machine. One that has ended, but was not waited for, does not count.
  package func members() -> [Member] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var members: [Member] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard let id = pid_t(name) else { continue }
      let settings = readSystemFile("/proc/\(id)/environ").split(separator: 0)
      guard settings.contains(where: { $0.elementsEqual("\(Self.name)=\(mark)".utf8) }) else { continue }
      members.append(Member(id: id, rank: Self.rank(settings)))
    }
    return members
  }

  /// The processes' numbers by rank.
  package func ranks() -> [Int: pid_t] {
    Dictionary(members().compactMap { member in member.rank.map { ($0, member.id) } }) { first, _ in first }
  }

  /// Kills all of them, also those that appear meanwhile; false if some are still there after five seconds.
  ///
  /// None must be there twice: a process that is just becoming another program has no environment for a moment.
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

/// A file that the system makes up while it is read, and that has no size; empty if it cannot be read.
private func readSystemFile(_ path: String) -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return [] }
  defer { close(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 14)
  while case let count = read(file, &block, block.count), count > 0 { bytes += block[..<count] }
  return bytes
}
