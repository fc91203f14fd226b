import Glibc
import MPICommunication
import TestTags
import Testing

@Suite("The launcher is known from the environment alone", .tags(.pure))
struct LaunchEnvironmentTests {
  @Test func `Without a launcher's variables there is no launch`() {
    #expect(LaunchEnvironment.detect(in: [:]) == nil)
    #expect(LaunchEnvironment.detect(in: ["HOME": "/root", "SLURM_NTASKS": "4"]) == nil)
  }

  @Test func `Open MPI's variables give size and rank`() throws {
    let found = LaunchEnvironment.detect(
      in: ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2", "PMIX_RANK": "2"])
    let environment = try #require(found)
    #expect(environment.launcher == "Open MPI's mpirun")
    #expect(environment.evidence == "OMPI_COMM_WORLD_SIZE=4")
    #expect(environment.size == 4)
    #expect(environment.rank == 2)
    #expect(environment.isParallel)
  }

  @Test func `A launch of one process is not parallel`() throws {
    let found = LaunchEnvironment.detect(in: ["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"])
    #expect(try #require(found).isParallel == false)
  }

  @Test func `Hydra's variables give the size`() throws {
    let environment = try #require(LaunchEnvironment.detect(in: ["PMI_SIZE": "3", "PMI_RANK": "0"]))
    #expect(environment.launcher == "MPICH's mpirun (Hydra)")
    #expect(environment.size == 3)
  }

  @Test func `PMIx alone does not tell the size`() throws {
    let environment = try #require(LaunchEnvironment.detect(in: ["PMIX_RANK": "1"]))
    #expect(environment.size == nil)
    #expect(environment.isParallel)
  }

  /// What Slurm sets in the shell of a batch job of four tasks.
  static let batchShell = [
    "SLURM_JOB_ID": "77", "SLURM_NTASKS": "4", "SLURM_NPROCS": "4", "SLURM_PROCID": "0", "SLURM_LOCALID": "0",
    "SLURM_NODEID": "0", "SLURM_TASK_PID": "4711",
  ]

  @Test func `The shell of a Slurm batch job is not a launch`() {
    #expect(LaunchEnvironment.detect(in: Self.batchShell) == nil)
  }

  @Test func `An interactive Slurm step is not a launch`() {
    let variables = Self.batchShell.merging(["SLURM_STEP_ID": "4294967290", "SLURM_STEP_NUM_TASKS": "4"]) { $1 }
    #expect(LaunchEnvironment.detect(in: variables) == nil)
  }

  @Test func `A step of srun is a launch`() throws {
    let variables = Self.batchShell.merging(
      ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "3"]) { $1 }
    let environment = try #require(LaunchEnvironment.detect(in: variables))
    #expect(environment.launcher == "Slurm's srun")
    #expect(environment.size == 4)
    #expect(environment.rank == 3)
  }

  @Test func `srun with PMIx tells the size`() throws {
    let variables = Self.batchShell.merging(
      ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "PMIX_RANK": "3", "SLURM_PROCID": "3"]) { $1 }
    #expect(try #require(LaunchEnvironment.detect(in: variables)).size == 4)
  }

  @Test(arguments: [
    ["OMPI_COMM_WORLD_SIZE": "four", "OMPI_COMM_WORLD_RANK": "0"], ["OMPI_COMM_WORLD_SIZE": "4"],
    ["PMI_SIZE": "0", "PMI_RANK": "0"], ["PMI_SIZE": "2", "PMI_RANK": "2"],
  ])
  func `Invalid values are not a launch`(_ variables: [String: String]) {
    #expect(LaunchEnvironment.detect(in: variables) == nil)
  }

  /// What mpirun 4.1 sets, as far as it matters here.
  static let underMPIRun = [
    "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0", "PMIX_RANK": "0",
    "PMIX_SERVER_URI41": "1.0;tcp4://127.0.0.1:41943", "PMIX_SERVER_TMPDIR": "/tmp/ompi.n.0/pid.7",
  ]

  /// The same by a way that is not a port of this host.
  static let bySocket = underMPIRun.merging(["PMIX_SERVER_URI41": "pmix-server:7:/tmp/ompi.n.0/pid.7/pmix-7"]) { $1 }

  /// A system in which everything that the variables name is there, or nothing.
  static func system(_ isThere: Bool) -> LaunchEnvironment.SystemProbe {
    var system = LaunchEnvironment.SystemProbe()
    system.hasFolder = { _ in isThere }
    system.hasChannel = { _ in isThere }
    system.isListening = { _ in isThere }
    return system
  }

  @Test(arguments: [
    (underMPIRun, "nothing listens on 1.0;tcp4://127.0.0.1:41943"),
    (bySocket, "the launcher's folder /tmp/ompi.n.0/pid.7 is gone"),
    (underMPIRun.filter { !$0.key.hasPrefix("PMIX_SERVER") }, "no PMIX_SERVER_URI"),
    (["PMIX_RANK": "3"], "PMIX_RANK=3 is in the environment, but no PMIX_SERVER_URI"),
    (["PMI_SIZE": "2", "PMI_RANK": "1"], "neither PMI_FD nor PMI_PORT"),
    (["PMI_SIZE": "2", "PMI_RANK": "1", "PMI_FD": "9"], "its PMI_FD=9 is not open here"),
  ])
  func `Variables that lead nowhere are left over`(variables: [String: String], text: String) throws {
    let found = LaunchEnvironment.leftOver(in: variables, Self.system(false))
    #expect(try #require(found).contains(text) && found?.contains("unset every variable") == true)
  }

  @Test func `A live launcher's variables are not left over`() {
    let slurm = ["SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0"]
    let hydra = ["PMI_SIZE": "2", "PMI_RANK": "1", "PMI_FD": "9"]
    for variables in [[:], slurm, Self.underMPIRun, Self.bySocket, hydra] {
      #expect(LaunchEnvironment.leftOver(in: variables, Self.system(true)) == nil)
    }
    for port in ["PMI_PORT", "PMI_CONTROL_PORT"] {
      let variables = ["PMI_SIZE": "2", "PMI_RANK": "1", port: "n:1"]
      #expect(LaunchEnvironment.leftOver(in: variables, Self.system(false)) == nil)
    }
  }

  /// A container that does not show the launcher's folder reaches it all the same.
  @Test func `A folder that cannot be seen proves nothing while something listens`() {
    var system = Self.system(true)
    system.hasFolder = { _ in false }
    #expect(LaunchEnvironment.leftOver(in: Self.underMPIRun, system) == nil)
  }

  @Test func `Listeners are found in the kernel's table`() throws {
    let system = LaunchEnvironment.SystemProbe()
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    try #require(listen(listener, 1) == 0)
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
    }
    #expect(system.isListening(UInt16(bigEndian: address.sin_port)) == true)
    #expect(system.isListening(1) == false)
    #expect(system.hasChannel(listener) && !system.hasChannel(9999))
  }
}
