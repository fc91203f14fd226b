import Checkpoints
import Communication
import FoundationEssentials
import Glibc
import Platform
import Training

/// What one process knows about itself and its host, before training.
public struct WorkerFacts: Codable, Equatable, Sendable {
  /// The host's name.
  public var host = ""
  /// SHA-256 of the program's file.
  public var program = ""
  /// The MPI library's version.
  public var library = ""
  /// The cores that this process may run on, one bit each.
  public var cores: [UInt64] = []
  /// The cores of the host that are online.
  public var onlineCores = 1
  /// The bytes that are free in the host's shared memory; nil where it has no /dev/shm.
  public var sharedMemory: Int?
  /// SHA-256 of the training and the test file, as this process reads them; empty for the built-in set.
  public var data: [String] = []
  /// The command's options.
  public var arguments: [String] = []
  /// The variables that steer libraries.
  public var environment: [String: String] = [:]

  /// Facts to be filled in.
  public init() {}

  /// The facts of this process.
  ///
  /// - Parameters:
  ///   - library: the MPI library's version.
  ///   - sources: the data; nil where they could not be found.
  public static func ownFacts(library: String, sources: DataSources?) throws -> WorkerFacts {
    var facts = WorkerFacts()
    facts.host = Host.name
    facts.program = try SHA256Digest(ofFile: "/proc/self/exe").description
    facts.library = library
    facts.cores = UsableCores.mask
    facts.onlineCores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    facts.sharedMemory = freeBytes(of: "/dev/shm")
    facts.data = try [sources?.train, sources?.test].compactMap { source in
      guard case .csv(let path)? = source else { return nil }
      return try SHA256Digest(ofFile: path).description
    }
    facts.arguments = withoutPaths(CommandLine.arguments.dropFirst())
    facts.environment = ProcessInfo.processInfo.environment.filter { steers($0.key) }
    return facts
  }

  /// The options but for where the data lie: hosts may have them at different places, and their contents are compared.
  static func withoutPaths(_ words: some Sequence<String>) -> [String] {
    let options = ["--data", "--train-csv", "--test-csv"]
    var (kept, skipsNext) = ([String](), false)
    for word in words {
      if !skipsNext, !options.contains(where: { word == $0 || word.hasPrefix($0 + "=") }) { kept.append(word) }
      skipsNext = !skipsNext && options.contains(word)
    }
    return kept
  }

  /// Whether a variable steers a library, and has the same value on all ranks when all is well. Launchers add variables of
  /// their own that differ from rank to rank.
  static func steers(_ variable: String) -> Bool {
    guard !variable.hasPrefix("OMPI_MCA_orte_"), !variable.hasPrefix("OMPI_MCA_ess_"),
      variable != "OMPI_MCA_initial_wdir"
    else { return false }
    return variable == "LD_PRELOAD" || variable == "LD_LIBRARY_PATH"
      || ["OMPI_MCA_", "MPICH_", "UCX_", "FI_", "I_MPI_"].contains(where: variable.hasPrefix)
  }

  /// The number of cores that this process may run on.
  var coreCount: Int { cores.isEmpty ? onlineCores : cores.reduce(0) { $0 + $1.nonzeroBitCount } }

  private static func freeBytes(of folder: String) -> Int? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }
}

/// A launcher among the processes that this one descends from: it is there even where its variables did not get here.
public enum LauncherAncestor {
  private static let names = ["mpirun", "mpiexec", "orterun", "prterun", "orted", "prted", "hydra_"]

  /// The name of the nearest one; nil if there is none.
  public static func find() -> String? {
    var process = getppid()
    while process > 1, let (name, parent) = stat(process) {
      if names.contains(where: name.hasPrefix) { return name }
      process = parent
    }
    return nil
  }

  private static func stat(_ process: pid_t) -> (name: String, parent: pid_t)? {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = fread(&bytes, 1, bytes.count, file)
    return parse(String(decoding: bytes[..<count], as: UTF8.self))
  }

  /// Name and parent in a line like `812 (mpirun) S 640 ...`; the name may hold anything, even parentheses.
  static func parse(_ line: String) -> (name: String, parent: pid_t)? {
    guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")") else { return nil }
    let fields = line[close...].split(separator: " ")
    guard fields.count > 2, let parent = pid_t(fields[2]) else { return nil }
    return (String(line[line.index(after: open)..<close]), parent)
  }
}
