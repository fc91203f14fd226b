import Checkup
import Platform
import TestTags
import Testing

/// Each fault is found, with its level, its subject and the words that matter; and nothing else is.
@Suite("The doctor finds each fault, and no other", .tags(.pure))
struct DiagnosisTests {
  /// Ranks on hosts of two cores each, each bound to a core of its own.
  private static func job(ranks: Int, perHost: Int = 2) -> CheckupFacts {
    let processes = (0..<ranks).map { rank in
      var process = WorkerFacts()
      process.host = "host\(rank / perHost)"
      process.program = String(repeating: "a", count: 64)
      process.library = "Open MPI v4.1.4"
      process.cores = [1 << UInt64(rank % perHost)]
      process.onlineCores = 2
      process.sharedMemory = 1_000_000_000
      process.data = [String(repeating: "d", count: 64), String(repeating: "e", count: 64)]
      process.arguments = ["doctor", "--data", "data"]
      process.environment = ["OMPI_MCA_btl": "self,vader"]
      return process
    }
    var facts = CheckupFacts(launch: .ranks(launcher: "Open MPI's mpirun", slots: ranks), processes: processes)
    facts.nodes = stride(from: 0, to: ranks, by: perHost).map { Array($0..<min($0 + perHost, ranks)) }
    facts.sharedMemoryNeeded = facts.nodes.map { _ in 27_000_000 }
    facts.dataName = "100 training rows in a.csv, 50 test rows in b.csv"
    return facts
  }

  /// A process on its own, with threads.
  private static func alone(threads: Int, cores: UInt64 = 3, launch: CheckupFacts.Launch? = nil) -> CheckupFacts {
    var facts = job(ranks: 1)
    facts.launch =
      launch ?? .alone(onPath: MPILauncher(program: "mpirun", implementation: .openMPI), ancestor: nil)
    facts.threads = threads
    facts.processes[0].cores = [cores]
    facts.sharedMemoryNeeded = []
    return facts
  }

  private static func faults(_ facts: CheckupFacts) -> [Finding] { diagnose(facts).filter { $0.level != .ok } }

  @Test func `Sound ranks have one ok for each subject, and a host's own`() {
    let findings = diagnose(Self.job(ranks: 4))
    #expect(findings.allSatisfy { $0.level == .ok && $0.fix == nil })
    #expect(findings.map(\.subject) == [.launch, .program, .cores, .cores, .memory, .memory, .data, .settings])
    #expect(findings.failureKind == nil)
  }

  @Test func `A rank alone on its host needs no shared memory with Open MPI`() {
    var facts = Self.job(ranks: 1)
    facts.processes[0].sharedMemory = nil
    #expect(diagnose(facts).filter { $0.subject == .memory }.map(\.level) == [.ok])
  }

  @Test func `A sound process on its own has no faults`() {
    #expect(Self.faults(Self.alone(threads: 2)) == [])
    #expect(Self.faults(Self.alone(threads: 1, cores: 1)) == [])
  }

  struct Fault: CustomTestStringConvertible {
    let name: String
    let facts: CheckupFacts
    let level: Finding.Level
    let subject: Finding.Subject
    let words: [String]
    var testDescription: String { name }

    init(
      _ name: String, _ facts: CheckupFacts, _ level: Finding.Level, _ subject: Finding.Subject, _ words: [String],
      change: (inout CheckupFacts) -> Void = { _ in }
    ) {
      var facts = facts
      change(&facts)
      (self.name, self.facts, self.level, self.subject, self.words) = (name, facts, level, subject, words)
    }
  }

  private static let mpich = MPILauncher(program: "mpirun", implementation: .mpich)

  static let faultTable: [Fault] = [
    Fault(
      "launcher mismatch", alone(threads: 1, launch: .launcherMismatch(launcher: "MPICH's mpirun (Hydra)", count: 4)),
      .problem,
      .launch,
      ["MPICH's mpirun (Hydra) started 4 processes", "Open MPI v4.1.4", "MPI_IMPLEMENTATION"]),
    Fault(
      "variables lost", alone(threads: 1, launch: .alone(onPath: nil, ancestor: "orted")), .problem, .launch,
      ["orted started this process", "env -i"]),
    Fault(
      "no launcher", alone(threads: 1, launch: .alone(onPath: nil, ancestor: nil)), .warning, .launch,
      ["no mpirun on the PATH", "openmpi-bin"]),
    Fault(
      "other launcher", alone(threads: 1, launch: .alone(onPath: mpich, ancestor: nil)), .warning, .launch,
      ["mpirun is of MPICH", "Open MPI v4.1.4", "PATH"]),
    Fault("too few slots", job(ranks: 4), .warning, .launch, ["4 ranks were started in 3 slots", "hostfile"]) {
      $0.launch = .ranks(launcher: "Open MPI's mpirun", slots: 3)
    },
    Fault(
      "memory not shared on a host", job(ranks: 4), .warning, .launch,
      ["on host0, ranks 0-1 and ranks 2-3 do not share memory", "--ipc=host"]
    ) {
      for rank in 2..<4 { $0.processes[rank].host = "host0" }
    },
    Fault(
      "different builds", job(ranks: 4), .problem, .program, ["ranks 0, 2-3 aaaaaaaaaaaa, rank 1 bbbbbbbbbbbb", "copy"]
    ) {
      $0.processes[1].program = String(repeating: "b", count: 64)
    },
    Fault("different libraries", job(ranks: 2), .problem, .program, ["rank 1 Open MPI v5.0.1", "same version"]) {
      $0.processes[1].library = "Open MPI v5.0.1"
    },
    Fault("more ranks than cores", job(ranks: 3, perHost: 3), .warning, .cores, ["ranks 0-2 on host0", "2 cores"]),
    Fault(
      "ranks on one core", job(ranks: 2), .problem, .cores,
      ["ranks 0-1 on host0 may use only 1 of 2 cores together", "--bind-to"]
    ) {
      $0.processes[1].cores = [1]
    },
    Fault(
      "two of three on one core", job(ranks: 3, perHost: 3), .problem, .cores,
      ["ranks 0, 2 on host0 are bound to the same 1 core", "--bind-to"]
    ) {
      for rank in 0..<3 { $0.processes[rank].onlineCores = 4 }
      $0.processes[0].cores = [1]
      $0.processes[1].cores = [0b1111]
      $0.processes[2].cores = [1]
    },
    Fault("more threads than cores", alone(threads: 3), .warning, .cores, ["3 threads on host0", "2 cores"]),
    Fault(
      "threads bound", alone(threads: 2, cores: 2), .problem, .cores,
      ["2 threads may use only 1 of 2 cores on host0", "or use 1 thread"]),
    Fault(
      "shared memory full", job(ranks: 4), .problem, .memory,
      ["29 MB in /dev/shm on host1, where 28 MB are free", "--shm-size"]
    ) {
      $0.processes[2].sharedMemory = 28_000_000
    },
    Fault("no shared memory", job(ranks: 2), .problem, .memory, ["29 MB", "0 MB are free"]) {
      $0.processes[0].sharedMemory = nil
    },
    Fault("no shared memory for a rank of MPICH", job(ranks: 1), .problem, .memory, ["28 MB", "0 MB are free"]) {
      $0.processes[0].library = "MPICH Version: 4.0.2"
      $0.processes[0].sharedMemory = nil
    },
    Fault("data missing", job(ranks: 2), .problem, .data, ["rank 1: there is no folder data"]) {
      $0.dataError = "rank 1: there is no folder data"
      $0.sharedMemoryNeeded = []
    },
    Fault(
      "different data", job(ranks: 3), .problem, .data,
      ["ranks 0-1 dddddddddddd and eeeeeeeeeeee, rank 2 dddddddddddd and ffffffffffff", "copy"]
    ) {
      $0.processes[2].data[1] = String(repeating: "f", count: 64)
    },
    Fault("different options", job(ranks: 2), .problem, .settings, ["rank 1 'doctor --data other'"]) {
      $0.processes[1].arguments = ["doctor", "--data", "other"]
    },
    Fault(
      "different environment", job(ranks: 2), .warning, .settings, ["OMPI_MCA_btl differs", "rank 1 not set", "-x"]
    ) {
      $0.processes[1].environment = [:]
    },
  ]

  @Test(arguments: faultTable)
  func `Each fault is found, and no other`(_ fault: Fault) {
    let found = Self.faults(fault.facts)
    #expect(found.count == 1, "\(found.map(\.report))")
    for finding in found {
      #expect(finding.level == fault.level)
      #expect(finding.subject == fault.subject)
      #expect(finding.fix != nil)
      for word in fault.words { #expect(finding.report.contains(word), "\(finding.report)") }
      let isData = fault.subject == .data
      #expect(found.failureKind == (fault.level == .warning ? nil : isData ? .data : .software))
    }
  }

  @Test func `A problem beside one of the data is no matter of the data`() {
    let data = Finding(.problem, .data, "x")
    #expect([data, Finding(.problem, .cores, "y")].failureKind == .software)
    #expect([data, Finding(.warning, .cores, "y")].failureKind == .data)
  }

  @Test func `A finding's fix has a line of its own`() {
    #expect(Finding(.ok, .data, "fine").report == "ok        data      fine")
    #expect(
      Finding(.problem, .settings, "bad", fix: "do this").report
        == "problem   settings  bad\n          fix:      do this")
    #expect(
      Finding(.problem, .data, "two\nlines").report == "problem   data      two\n                    lines")
  }
}
