import Datasets
import FoundationEssentials
import Glibc
import Platform

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
  /// SHA-256 of the training and the test file, as this process reads them; empty for the synthetic data set.
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
  ///   - arguments: the command's options, which must be alike on all ranks.
  ///   - sources: the data; nil where they could not be found.
  public static func ownFacts(
    library: String, arguments: [String], sources: DataSources?
  ) throws -> WorkerFacts {
    var facts = WorkerFacts()
    facts.host = Host.name
    facts.program = try SHA256Digest(ofFile: "/proc/self/exe").description
    facts.library = library
    facts.cores = UsableCores.mask
    facts.onlineCores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    facts.sharedMemory = freeBytes(of: "/dev/shm")
    facts.data = try [sources?.train, sources?.test].compactMap { source in
      try source?.rows.sha256(isWanted: { true })?.description
    }
    facts.arguments = arguments
    facts.environment = ProcessInfo.processInfo.environment.filter { steers($0.key) }
    return facts
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
