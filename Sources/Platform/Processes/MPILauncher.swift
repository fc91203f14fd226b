/// An implementation of MPI.
public enum MPIImplementation: String, Codable, Sendable {
  /// Open MPI.
  case openMPI = "Open MPI"
  /// MPICH and its derivatives, which share the launcher Hydra.
  case mpich = "MPICH"

  /// The implementation named in a launcher's `--version` output, a library's version or a launcher's name; nil for
  /// others.
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
  /// The program's name or path.
  public var program: String
  /// The implementation it belongs to; nil if its `--version` output names neither.
  public var implementation: MPIImplementation?

  /// A launcher of a known implementation.
  public init(program: String, implementation: MPIImplementation?) {
    self.program = program
    self.implementation = implementation
  }

  /// Runs `program --version`; nil if that fails.
  public static func find(_ program: String) -> MPILauncher? {
    guard let child = try? runChild([program, "--version"]), child.exitCode == 0 else { return nil }
    return MPILauncher(program: program, implementation: MPIImplementation(describedBy: child.output + child.errors))
  }

  /// The launcher for an MPI library: `mpirun` if it is of the same implementation, else Debian's `mpirun.openmpi` or
  /// `mpirun.mpich`, else whatever `mpirun` is; nil if there is none.
  public static func find(for libraryVersion: String) -> MPILauncher? {
    let first = find("mpirun")
    guard let implementation = MPIImplementation(describedBy: libraryVersion), first?.implementation != implementation
    else {
      return first
    }
    return find(implementation == .openMPI ? "mpirun.openmpi" : "mpirun.mpich") ?? first
  }

  /// The command line that starts `ranks` ranks of a command, even with more ranks than cores.
  ///
  /// - Parameters:
  ///   - options: the user's own launcher options, added after ours.
  ///   - isRoot: whether the user is root: Open MPI then needs `--allow-run-as-root`.
  public func command(ranks: Int, options: [String], isRoot: Bool, _ command: [String]) -> [String] {
    var words = [program, "-n", "\(ranks)"]
    if implementation == .openMPI {
      words.append("--oversubscribe")
      if isRoot { words.append("--allow-run-as-root") }
    }
    return words + options + command
  }
}
