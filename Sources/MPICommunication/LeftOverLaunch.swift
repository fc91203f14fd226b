import FoundationEssentials
import Glibc

extension LaunchEnvironment {
  /// Checks whether the things exist that a launcher's environment variables name. Makes no connections, which a running
  /// launcher would notice. Tests replace the functions.
  public struct SystemProbe: Sendable {
    /// Whether a folder exists.
    public var hasFolder: @Sendable (String) -> Bool = { access($0, F_OK) == 0 }
    /// Whether a descriptor is an open socket or pipe.
    public var hasChannel: @Sendable (Int32) -> Bool = Self.isChannel
    /// Whether a process on this host listens on a TCP port; nil if unknown.
    public var isListening: @Sendable (UInt16) -> Bool? = Self.hasListener

    /// A probe of this process and host.
    public init() {}

    private static func isChannel(_ descriptor: Int32) -> Bool {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return false }
      return [S_IFSOCK, S_IFIFO].contains(status.st_mode & S_IFMT)
    }

    /// Reads the kernel's table of sockets: `sl local_address rem_address st ...`, in hexadecimal; state 0A is LISTEN.
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

  /// Why a launcher's environment variables are left over from another job, e.g. in a shell or a script that once ran
  /// under it: the launcher cannot be reached in the way that they describe. nil if it can, or if there are no such
  /// variables.
  ///
  /// In such a process MPI_Init would fail with the library's own messages.
  public static func leftOver(
    in variables: [String: String] = ProcessInfo.processInfo.environment, _ system: SystemProbe = SystemProbe()
  ) -> String? {
    guard let found = detect(in: variables) else { return nil }
    if found.evidence.hasPrefix("PMI_SIZE") {
      return lostPMI(variables, system).map { found.explain($0, unset: "PMI_") }
    }
    guard found.evidence.hasPrefix("OMPI_") || found.evidence.hasPrefix("PMIX_") else { return nil }
    return lostPMIx(variables, system).map { found.explain($0, unset: "OMPI_ or PMIX_") }
  }

  private func explain(_ what: String, unset prefixes: String) -> String {
    "\(evidence) is in the environment, but \(what): the variables are left over from another job. Start the program with "
      + "mpirun (or srun), or without them: unset every variable that begins with \(prefixes)"
  }

  /// Hydra is reached through a descriptor or a port, Cray's launchers through a port or a descriptor with another name.
  private static func lostPMI(_ variables: [String: String], _ system: SystemProbe) -> String? {
    if let number = variables["PMI_FD"].flatMap({ Int32($0) }) {
      return system.hasChannel(number) ? nil : "its PMI_FD=\(number) is not open here"
    }
    return ["PMI_PORT", "PMI_CONTROL_PORT", "PMI_CONTROL_FD"].contains { variables[$0] != nil }
      ? nil : "neither PMI_FD nor PMI_PORT is, through which the launcher is reached"
  }

  /// A PMIx server is reached on a port of this host: `PMIX_SERVER_URI41=1785659392.0;tcp4://127.0.0.1:52581`.
  private static func lostPMIx(_ variables: [String: String], _ system: SystemProbe) -> String? {
    let addresses = variables.filter { $0.key.hasPrefix("PMIX_SERVER_URI") }.map(\.value)
    guard !addresses.isEmpty else { return "no PMIX_SERVER_URI, through which the launcher is reached" }
    let listening = addresses.map { address in
      address.contains("tcp4://127.")
        ? address.split(separator: ":").last.flatMap { UInt16($0) }.flatMap(system.isListening) : nil
    }
    if !listening.contains(nil) {
      return listening.contains(true)
        ? nil : "nothing listens on \(addresses.sorted()[0]), where the launcher should be"
    }
    // It is reached in another way, for which the library needs this folder.
    guard let folder = variables["PMIX_SERVER_TMPDIR"], !system.hasFolder(folder) else { return nil }
    return "the launcher's folder \(folder) is gone"
  }
}
