import ArgumentParser
import Benchmarking
import Communication
import FoundationEssentials
import Kernels
import Platform
import Runs

/// `fingerspell benchmark`.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure this program on this machine.",
    discussion: """
      Every figure stands beside the machine's peak of fused multiply-adds, measured in the same run, or beside what it is \
      compared with, measured in turns. docs/performance.md says how to read them.
      """,
    subcommands: [
      BenchmarkStep.self, BenchmarkInference.self, BenchmarkReduction.self, BenchmarkLoad.self, BenchmarkEpoch.self,
    ])
}

/// What all benchmarks can be asked.
struct BenchmarkOutput: ParsableArguments {
  @Flag(help: "Print one JSON object instead of a table: seconds, FLOP/s, fractions.")
  var json = false

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How often to repeat each measurement, in turns.", valueName: "n"))
  var repetitions: Int?

  func validate() throws {
    if let repetitions { try Bounds.check("--repetitions", repetitions, Bounds.repetitions) }
  }

  /// Prints a report, on rank 0. Collective.
  func print<Report: Encodable & Sendable>(
    _ report: Report, _ communicator: any Communicator, text: (Report) -> String
  ) throws {
    let machine = try Machine.description(communicator)
    try communicator.agree {
      guard communicator.rank == 0 else { return }
      guard json else { return try Console().write(text(report)) }
      let encoder = ExactJSON.encoder(.readable, keys: .convertToSnakeCase)
      let document = BenchmarkDocument(version: ProgramVersion.text, machine: machine, report: report)
      try Console().line(String(decoding: try encoder.encode(document), as: UTF8.self))
    }
  }
}

/// The JSON of a benchmark.
private struct BenchmarkDocument<Report: Encodable>: Encodable {
  let version: String
  let machine: MachineDescription
  let report: Report
}

extension Timing {
  /// `1.234 ms (best 1.200, p99 1.400)`, in the unit that `unit` gives.
  func text(_ unit: TimeUnit) -> String {
    func number(_ seconds: Double) -> String { (seconds * unit.perSecond).fixed(unit.decimals) }
    return "\(number(median)) \(unit.rawValue) (best \(number(best)), p99 \(number(p99)))"
  }
}

/// The units of times in tables.
enum TimeUnit: String {
  case seconds = "s"
  case milliseconds = "ms"
  case microseconds = "us"

  var perSecond: Double {
    switch self {
    case .seconds: 1
    case .milliseconds: 1e3
    case .microseconds: 1e6
    }
  }

  var decimals: Int { self == .microseconds ? 1 : 3 }
}

extension Peak {
  /// The line at the head of every table.
  var text: String {
    let all = workers > 1 ? ", \(workers) together \(together.gigaflops)" : ""
    return "peak of fused multiply-adds (\(laneCount) lanes): one worker \(alone.gigaflops)\(all)\n"
  }
}

extension Double {
  /// FLOP/s as `123.4 GFLOP/s`.
  var gigaflops: String { (self / 1e9).fixed(1) + " GFLOP/s" }
}
