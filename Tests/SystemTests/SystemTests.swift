import Foundation
import TestTags
import TestTags
import Testing

/// The system tests of Tests/System, which pytest runs, as tests of the package: one for each suite.
///
/// By default each is a short selection. FINGERSPELL_SYSTEM_TESTS=all runs all of them, which takes minutes, except those that
/// run launch/build, which would wait for `swift test` to end.
@Suite(
  "The programs work from outside", .serialized, .tags(.processes, .slow),
  .enabled(if: Machine.launcher != nil, "no mpirun is on the PATH: launch/setup installs it"),
  .enabled(if: Machine.python != nil, "no python3 has pytest: launch/setup --tests installs it"))
struct SystemTests {
  @Test(.tags(.commandLine)) func `The command line`() throws { try run("commandline") }
  @Test(.tags(.ranks)) func `Ranks under mpirun`() throws { try run("ranks") }
  @Test(.tags(.hosts)) func `Several hosts`() throws { try run("hosts") }
  @Test(.tags(.layouts)) func `The same bits on threads and ranks`() throws { try run("layouts") }
  @Test(.tags(.faults)) func `Injected faults`() throws { try run("faults") }
  @Test(.tags(.benchmarks)) func `Benchmarks`() throws { try run("benchmarks") }

  /// Runs the tests that have a marker on the programs that were built with these tests.
  func run(_ marker: String) throws {
    let all = ProcessInfo.processInfo.environment["FINGERSPELL_SYSTEM_TESTS"] == "all"
    let script = Machine.root.appending(path: "Tests/run-system").path
    var words = [script, "-q", "-m", "\(marker) and \(all ? "not builds" : "smoke")"]
    if all { words += ["-n", "4", "--dist", "loadgroup"] }
    var environment = ProcessInfo.processInfo.environment
    environment["FINGERSPELL_BIN"] = Machine.programs.path
    let (code, output) = try Machine.output(of: words, environment)
    #expect(code == 0, "\(words.joined(separator: " ")) ended with exit code \(code):\n\(output)")
  }
}

/// What this machine has, and the programs that were built.
enum Machine {
  /// The folder of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  /// The folder of the built programs: that of this very program.
  static let programs = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

  /// The launcher that Tests/System would take, and the Python that Tests/run-system would; nil if there is none.
  static let launcher = answer(
    of: ". launch/lib/say.sh; . launch/lib/mpi.sh; find_mpirun \"$(mpi_implementation)\"")
  static let python = answer(of: ". launch/lib/python.sh; find_python \"${test_modules[@]}\"")

  /// What a script prints in the folder of the package; nil if it fails.
  static func answer(of script: String) -> String? {
    let words = ["bash", "-c", "cd \"$0\" && \(script)", root.path]
    let result = try? output(of: words, ProcessInfo.processInfo.environment)
    return result?.code == 0 ? result?.output : nil
  }

  /// Runs a command to its end.
  static func output(of words: [String], _ environment: [String: String]) throws -> (code: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
