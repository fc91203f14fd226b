/// An implementation of MPI.
public enum MPIImplementation: String, Codable, Sendable {
  /// Open MPI.
  case openMPI = "Open MPI"
  /// MPICH, and what descends from it and shares its launcher Hydra.
  case mpich = "MPICH"

  /// The implementation that a launcher's --version, a library's version or a launcher's name tells of; nil for others.
  public init?(describedBy text: String) {
    if ["Open MPI", "OpenRTE", "PRRTE"].contains(where: text.contains) {
      self = .openMPI
    } else if ["HYDRA", "Hydra", "MPICH"].contains(where: text.contains) {
      self = .mpich
    } else {
      return nil
    }
  }
}

/// An `mpirun` on this machine.
public struct MPILauncher: Equatable, Sendable {
  /// The program, as it is started.
  public var program: String
  /// Whose it is; nil if its --version names neither.
  public var implementation: MPIImplementation?

  /// A launcher whose implementation is known.
  public init(program: String, implementation: MPIImplementation?) {
    self.program = program
    self.implementation = implementation
  }

  /// Asks a program for its version; nil if it cannot be started.
  public static func find(_ program: String) -> MPILauncher? {
    guard let child = try? runChild([program, "--version"]), child.exitCode == 0 else { return nil }
    return MPILauncher(program: program, implementation: MPIImplementation(describedBy: child.output + child.errors))
  }

  /// The launcher that belongs to a library: `mpirun` if it is of the same implementation, else the one that Debian names
  /// after that, else whatever `mpirun` is; nil if there is none.
  public static func find(for libraryVersion: String) -> MPILauncher? {
    let first = find("mpirun")
    guard let implementation = MPIImplementation(describedBy: libraryVersion), first?.implementation != implementation
    else {
      return first
    }
    return find(implementation == .openMPI ? "mpirun.openmpi" : "mpirun.mpich") ?? first
  }

  /// The words that start `ranks` ranks of a command on however many cores there are.
  ///
  /// - Parameters:
  ///   - options: the user's own options for the launcher, which follow ours.
  ///   - isRoot: whether the user is root, whom Open MPI refuses unless told.
  public func command(ranks: Int, options: [String], isRoot: Bool, _ command: [String]) -> [String] {
    var words = [program, "-n", "\(ranks)"]
    if implementation == .openMPI {
      words.append("--oversubscribe")
      if isRoot { words.append("--allow-run-as-root") }
    }
    return words + options + command
  }
}
