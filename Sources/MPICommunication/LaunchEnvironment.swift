import Communication
import FoundationEssentials

/// The launcher and rank of this process according to its environment, read without initialising MPI, which a run of one
/// process does not need.
public struct LaunchEnvironment: Equatable, Sendable {
  /// The launcher's name for messages: `Open MPI's mpirun`.
  public let launcher: String

  /// The environment variable that identifies it, with its value: `OMPI_COMM_WORLD_SIZE=4`.
  public let evidence: String

  /// The number of processes that were started; nil if unknown.
  public let size: Int?

  /// This process's rank.
  public let rank: Int

  /// Whether this process is one of several, or may be: true if the number is unknown.
  public var isParallel: Bool { size != 1 }

  /// The launch environment at first use, which must be before MPI_Init: Open MPI's MPI_Init sets PMIX_RANK even in a
  /// process that no launcher started.
  public static let current = detect()

  /// Detects the launcher; nil if none started this process.
  ///
  /// - Parameter variables: the environment to read, by default this process's.
  public static func detect(
    in variables: [String: String] = ProcessInfo.processInfo.environment
  ) -> LaunchEnvironment? {
    openMPI(variables) ?? pmi(variables) ?? pmix(variables) ?? slurmStep(variables)
  }

  private static func openMPI(_ variables: [String: String]) -> LaunchEnvironment? {
    sized(variables, launcher: "Open MPI's mpirun", size: "OMPI_COMM_WORLD_SIZE", rank: "OMPI_COMM_WORLD_RANK")
  }

  private static func pmi(_ variables: [String: String]) -> LaunchEnvironment? {
    // The mpirun of MPICH and Intel MPI is Hydra; Slurm's srun supports PMI, too.
    let launcher = slurmStep(variables) == nil ? "MPICH's mpirun (Hydra)" : "Slurm's srun (PMI)"
    return sized(variables, launcher: launcher, size: "PMI_SIZE", rank: "PMI_RANK")
  }

  private static func pmix(_ variables: [String: String]) -> LaunchEnvironment? {
    guard let rank = variables["PMIX_RANK"].flatMap({ Int($0) }) else { return nil }
    return LaunchEnvironment(
      launcher: "a PMIx launcher", evidence: "PMIX_RANK=\(rank)", size: slurmStep(variables)?.size, rank: rank)
  }

  /// A job step started by srun. The shell of a batch job or an interactive allocation also has SLURM_PROCID=0 and
  /// SLURM_NTASKS, but is not a launch: only srun sets the step's number of tasks, and Slurm's own steps for those shells
  /// have reserved step IDs.
  private static func slurmStep(_ variables: [String: String]) -> LaunchEnvironment? {
    let shells: Set<String> = ["4294967290", "4294967291", "4294967292", "4294967293"]
    if let step = variables["SLURM_STEP_ID"] ?? variables["SLURM_STEPID"], shells.contains(step) { return nil }
    return sized(variables, launcher: "Slurm's srun", size: "SLURM_STEP_NUM_TASKS", rank: "SLURM_PROCID")
  }

  private static func sized(
    _ variables: [String: String], launcher: String, size sizeName: String, rank rankName: String
  ) -> LaunchEnvironment? {
    guard let size = variables[sizeName].flatMap({ Int($0) }), size >= 1,
      let rank = variables[rankName].flatMap({ Int($0) }), (0..<size).contains(rank)
    else { return nil }
    return LaunchEnvironment(launcher: launcher, evidence: "\(sizeName)=\(size)", size: size, rank: rank)
  }

  /// Throws `wrongLauncher` if the library sees a different number of processes than the launcher started.
  func check(worldSize: Int, libraryVersion: String) throws {
    guard let size = size ?? (worldSize == 1 ? nil : worldSize), size != worldSize else { return }
    throw CommunicationError(
      operation: "MPI_Init", worker: nil,
      reason: .wrongLauncher(
        "launcher mismatch: \(launcher) started \(size) processes (\(evidence)), but this program is linked with "
          + "\(libraryVersion), which sees \(worldSize): \(advice)"))
  }

  private var advice: String {
    launcher == "Slurm's srun"
      ? "start it with srun --mpi=pmix (srun --mpi=list shows the available types), or with mpirun inside the allocation"
      : "start it with the mpirun of that library, or build it for this launcher's library (MPI_IMPLEMENTATION=openmpi or "
        + "mpich)"
  }
}
