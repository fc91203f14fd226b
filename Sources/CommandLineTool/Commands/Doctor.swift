import ArgumentParser
import Checkup
import FoundationEssentials
import Glibc
import MPICommunication
import Monitoring
import Platform

/// `fingerspell doctor`.
struct Doctor: WorkersCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find what usually goes wrong before the first step.",
    discussion: """
      Run it as training will be run: under the same mpirun line, with the same data. It looks at the launcher and the \
      MPI library, slots, cores and bindings, shared memory, and whether all ranks have the same program, data, options \
      and environment. Each line says ok, warning or problem, and what to do.

      EXAMPLES
        fingerspell doctor --data data
        mpirun -n 4 --hostfile my-cluster fingerspell doctor --data /shared/data

      EXIT CODES
        0  no problem; perhaps warnings
        65 problems, all of them with the data
        70 problems
      """)

  @OptionGroup(title: "Data") var data: TrainingDataOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Samples per step; the shared memory that training needs depends on it.", valueName: "n"))
  var batchSize = 32

  @OptionGroup var workers: WorkerOptions
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions

  func validate() throws {
    try Bounds.check("--batch-size", batchSize, Bounds.batchSize)
  }

  func run() throws {
    let library = try MPI.libraryVersion
    let leftOver = Launch.leftOver.map { Finding(.problem, .launch, "left-over variables", fix: $0) }
    let findings =
      [leftOver].compactMap(\.self)
      + (try hasLauncherMismatch(library) ? launcherMismatchFindings(library) : checkup(library))
    guard Launch.isRoot else { return }
    try Console().line(findings.map(\.report).joined(separator: "\n"))
    Glibc.exit(findings.failureKind?.exitCode ?? 0)
  }

  /// Whether the launcher is of another implementation than the library, so that starting the library would fail.
  private func hasLauncherMismatch(_ library: String) -> Bool {
    guard let environment = Launch.environment, environment.isParallel else { return false }
    guard let launcher = MPIImplementation(describedBy: environment.launcher) else { return false }
    return launcher != MPIImplementation(describedBy: library)
  }

  private func launcherMismatchFindings(_ library: String) -> [Finding] {
    var process = WorkerFacts()
    process.library = library
    let launch = CheckupFacts.Launch.launcherMismatch(
      launcher: Launch.environment?.launcher ?? "", count: Launch.environment?.size)
    return diagnose(CheckupFacts(launch: launch, processes: [process]))
  }

  private func checkup(_ library: String) throws -> [Finding] {
    let (launch, batchSize, selection) = (Self.launch(library), batchSize, data.selection)
    let threads = workers.count ?? UsableCores.count
    return try Workers.run(threads: 1, stallTimeout: watchdog.limit) { communicator in
      let facts = try Checkup.facts(
        launch, library: library, arguments: Self.optionsWithoutPaths(CommandLine.arguments.dropFirst()),
        threads: threads, batchSize: batchSize, communicator,
        sources: { try selection.sources($0) })
      return facts.map(diagnose) ?? []
    }
  }

  private static func launch(_ library: String) -> CheckupFacts.Launch {
    guard let environment = Launch.environment else {
      return .alone(onPath: MPILauncher.find(for: library), ancestor: LauncherAncestor.find())
    }
    return .ranks(
      launcher: environment.launcher,
      slots: ProcessInfo.processInfo.environment["OMPI_UNIVERSE_SIZE"].flatMap { Int($0) })
  }

  /// The options without those that say where the data are: hosts may have them in different folders, and their contents are
  /// compared.
  private static func optionsWithoutPaths(_ words: some Sequence<String>) -> [String] {
    let options = ["--data", "--train-csv", "--test-csv"]
    var (kept, skipsNext) = ([String](), false)
    for word in words {
      if !skipsNext, !options.contains(where: { word == $0 || word.hasPrefix($0 + "=") }) { kept.append(word) }
      skipsNext = !skipsNext && options.contains(word)
    }
    return kept
  }
}
