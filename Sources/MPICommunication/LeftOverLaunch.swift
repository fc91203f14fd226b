import FoundationEssentials
import Glibc

extension LaunchEnvironment {
  /// Looks at whether what a launcher's variables name is there. All of it is looked at from outside: a connection would be
  /// noticed by a launcher that lives.
  public struct Surroundings: Sendable {
    /// Whether a folder is there.
    public var hasFolder: @Sendable (String) -> Bool = { access($0, F_OK) == 0 }
    /// Whether a descriptor is an open socket or pipe.
    public var hasChannel: @Sendable (Int32) -> Bool = Self.isChannel
    /// Whether a program of this host listens at a TCP port; nil where that cannot be known.
    public var isListening: @Sendable (UInt16) -> Bool? = Self.hasListener

    /// This process's surroundings.
    public init() {}

    private static func isChannel(_ descriptor: Int32) -> Bool {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return false }
      return [S_IFSOCK, S_IFIFO].contains(status.st_mode & S_IFMT)
    }

    /// The kernel's table of sockets: `sl local_address rem_address st ...`, in hexadecimal; state 0A listens.
    private static func hasListener(_ port: UInt16) -> Bool? {
      guard let file = fopen("/proc/self/net/tcp", "re") else { return nil }
      defer { fclose(file) }
      var (line, capacity): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
      defer { free(line) }
      while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
        let fields = text.split(separator: " ")
        guard fields.count > 3, fields[3] == "0A", let digits = fields[1].split(separator: ":").last else { continue }
        if UInt16(digits, radix: 16) == port { return true }
      }
      return false
    }
  }

  /// Why a launcher's variables are only left over, in the environment of a shell or a script that once ran under it: what
  /// they say of reaching the launcher leads nowhere. Nil where the launcher is there, and where there are no variables.
  ///
  /// MPI_Init would end such a process with messages of the library's own.
  public static func leftOver(
    in variables: [String: String] = ProcessInfo.processInfo.environment, _ padding: Surroundings = Surroundings()
  ) -> String? {
    guard let found = detect(in: variables) else { return nil }
    if found.evidence.hasPrefix("PMI_SIZE") {
      return lostPMI(variables, padding).map { found.explain($0, unset: "PMI_") }
    }
    guard found.evidence.hasPrefix("OMPI_") || found.evidence.hasPrefix("PMIX_") else { return nil }
    return lostPMIx(variables, padding).map { found.explain($0, unset: "OMPI_ or PMIX_") }
  }

  private func explain(_ what: String, unset prefixes: String) -> String {
    "\(evidence) is in the environment, but \(what): the variables are left over from another job. Start the program with "
      + "mpirun (or srun), or without them: unset every variable that begins with \(prefixes)"
  }

  /// Hydra is reached by a descriptor or a port, Cray's launchers by a port or a descriptor of another name.
  private static func lostPMI(_ variables: [String: String], _ padding: Surroundings) -> String? {
    if let number = variables["PMI_FD"].flatMap({ Int32($0) }) {
      return padding.hasChannel(number) ? nil : "its PMI_FD=\(number) is not open here"
    }
    return ["PMI_PORT", "PMI_CONTROL_PORT", "PMI_CONTROL_FD"].contains { variables[$0] != nil }
      ? nil : "neither PMI_FD nor PMI_PORT is, by which it is reached"
  }

  /// A PMIx server is reached at a port of this host: `PMIX_SERVER_URI41=1785659392.0;tcp4://127.0.0.1:52581`.
  private static func lostPMIx(_ variables: [String: String], _ padding: Surroundings) -> String? {
    let addresses = variables.filter { $0.key.hasPrefix("PMIX_SERVER_URI") }.map(\.value)
    guard !addresses.isEmpty else { return "no PMIX_SERVER_URI, by which it is reached" }
    let listening = addresses.map { address in
      address.contains("tcp4://127.")
        ? address.split(separator: ":").last.flatMap { UInt16($0) }.flatMap(padding.isListening) : nil
    }
    if !listening.contains(nil) {
      return listening.contains(true) ? nil : "nothing listens at \(addresses.sorted()[0]), where it is reached"
    }
    // Reached in another way. A container may hide the folder, but not from the library, which needs it then.
    guard let folder = variables["PMIX_SERVER_TMPDIR"], !padding.hasFolder(folder) else { return nil }
    return "its folder \(folder) is gone"
  }
}
