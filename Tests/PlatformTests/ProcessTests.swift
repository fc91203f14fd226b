import Foundation
import Platform
import TestTags
import Testing

@Suite("Programs are started, watched and ended", .tags(.processes))
struct ProcessTests {
  private let log = FileManager.default.temporaryDirectory.path + "/process-tests-\(UUID().uuidString).txt"

  @Test func `A program is started, watched and waited for, and what it prints is kept`() throws {
    defer { try? FileManager.default.removeItem(atPath: log) }
    var process = try RunningProcess(
      ["sh", "-c", "echo out; echo $WORD >&2; exit 7"], variables: ["WORD": "err"], log: log)
    #expect(try process.wait(limit: .seconds(60)) == .ended)
    #expect(process.exitCode == 7 && process.hasEnded())
    #expect(try String(contentsOfFile: log, encoding: .utf8) == "out\nerr\n")
  }

  @Test func `A wait ends with the condition, or with the time`() throws {
    var process = try RunningProcess(["sleep", "600"], log: "/dev/null")
    var looks = 0
    let met = try process.wait(limit: .seconds(60)) {
      looks += 1
      return looks == 3
    }
    #expect(met == .met && looks == 3)
    #expect(try process.wait(limit: .milliseconds(20)) == .timedOut)
    #expect(process.exitCode == nil)
    process.send(SIGTERM)
    #expect(try process.wait(limit: .seconds(60)) == .ended)
    #expect(process.exitCode == 128 + SIGTERM)
  }

  @Test func `A process that is forgotten is killed`() throws {
    var id: pid_t = 0
    do {
      let process = try RunningProcess(["sleep", "600"], log: "/dev/null")
      id = process.id
      #expect(kill(id, 0) == 0)
    }
    #expect(kill(id, 0) != 0)
  }

  @Test func `A job's processes are found and killed though nobody is their parent any more`() throws {
    let job = JobProcesses()
    var process = try RunningProcess(
      ["sh", "-c", "setsid env OMPI_COMM_WORLD_RANK=3 sleep 600 & exit 0"], variables: job.variables, log: "/dev/null")
    #expect(try process.wait(limit: .seconds(60)) == .ended)
    // A process that becomes another program has no environment for a moment; this one has its rank when it is the last one.
    let end = ContinuousClock.now + .seconds(60)
    while job.ranks()[3] == nil, ContinuousClock.now < end { usleep(10_000) }
    #expect(job.members().map(\.rank) == [3])
    #expect(job.ranks()[3] == job.members().first?.id)
    #expect(JobProcesses().members().isEmpty)
    #expect(job.kill())
    #expect(job.members().isEmpty)
  }

  @Test func `A program that is not there is an error`() {
    #expect(throws: (any Error).self) { _ = try RunningProcess(["/nowhere/at/all"], log: "/dev/null") }
  }
}
