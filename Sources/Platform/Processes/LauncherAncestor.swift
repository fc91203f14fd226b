import Glibc

/// A launcher among the processes that this one descends from: it is there even where its variables did not get here.
public enum LauncherAncestor {
  private static let names = ["mpirun", "mpiexec", "orterun", "prterun", "orted", "prted", "hydra_"]

  /// The name of the nearest one; nil if there is none.
  public static func find() -> String? {
    var process = Int(getppid())
    while process > 1, let status = ProcessStatus(process: process) {
      if names.contains(where: status.name.hasPrefix) { return status.name }
      process = status.parent
    }
    return nil
  }
}
