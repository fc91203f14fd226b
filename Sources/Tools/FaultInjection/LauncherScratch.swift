import FoundationEssentials

/// Where Open MPI keeps what its ranks share while they run. A launcher that is killed leaves it there, so every job has
/// folders of its own, which are removed after it.
struct LauncherScratch {
  private let files: String
  private let memory: String?

  /// Makes the folders: files in `folder`, memory where the user's settings have it, or else in /dev/shm.
  init(in folder: String, name: String) {
    let manager = FileManager.default
    let base = ProcessInfo.processInfo.environment["OMPI_MCA_osc_sm_backing_directory"] ?? "/dev/shm"
    let memory = "\(base)/fingerspell-chaos-\(name)"
    files = "\(folder)/launcher"
    self.memory =
      (try? manager.createDirectory(atPath: memory, withIntermediateDirectories: false)) == nil ? nil : memory
    try? manager.createDirectory(atPath: files, withIntermediateDirectories: true)
  }

  /// What the environment of the job must have.
  var variables: [String: String] {
    var variables = ["TMPDIR": files]
    variables["OMPI_MCA_osc_sm_backing_directory"] = memory
    variables["OMPI_MCA_btl_vader_backing_directory"] = memory
    return variables
  }

  /// Removes the folders.
  func remove() {
    for path in [files, memory].compactMap(\.self) { try? FileManager.default.removeItem(atPath: path) }
  }
}
