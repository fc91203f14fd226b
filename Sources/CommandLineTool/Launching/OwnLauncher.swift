import MPICommunication
import Platform

extension MPILauncher {
  /// What starts ranks of this program: the user's choice, or the first launcher that is of the library's implementation; nil
  /// if there is none.
  static func ofThisProgram(named program: String?) throws -> MPILauncher? {
    if let program { return find(program) }
    return find(for: try MPI.libraryVersion)
  }
}
