import Glibc

/// Finds an MPI launcher among this process's ancestors, even if its environment variables did not reach this process.
public enum LauncherAncestor {
  private static let names = ["mpirun", "mpiexec", "orterun", "prterun", "orted", "prted", "hydra_"]

  /// The name of the nearest launcher; nil if there is none.
  public static func find() -> String? {
    var process = Int(getppid())
    while process > 1, let status = ProcessStatus(process: process) {
      if names.contains(where: status.name.hasPrefix) { return status.name }
      process = status.parent
    }
    return nil
  }
}
