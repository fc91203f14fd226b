import Communication
import Datasets
import Glibc
import Platform
import Training

/// The path of this program's file, for starting it again.
public func ownPath() throws -> String {
  guard let path = realpath("/proc/self/exe", nil) else {
    throw Failure(.io, "cannot find this program's own file: \(String(cString: strerror(errno)))")
  }
  defer { free(path) }
  return String(cString: path)
}

/// Trains the run of a reproducibility check on one layout after the other.
public struct LayoutRunner: Sendable {
  /// The run.
  public var configuration: TrainingConfiguration
  /// Its data, for the layouts of threads.
  public var sources: DataSources
  /// Where the weights begin.
  public var initialParameters: [Float]
  /// What starts ranks.
  public var launcher: MPILauncher?
  /// What it is called, to say that it is not there.
  public var launcherName: String
  /// The user's own options for the launcher.
  public var launcherOptions: [String]
  /// This program, as each rank is to run it: it trains the same run with `epochs(_:)`, and its rank 0 prints the lines.
  public var rankCommand: [String]

  /// A runner.
  public init(
    configuration: TrainingConfiguration, sources: DataSources, initialParameters: [Float], launcher: MPILauncher?,
    launcherName: String = "mpirun", launcherOptions: [String], rankCommand: [String]
  ) {
    self.configuration = configuration
    self.sources = sources
    self.initialParameters = initialParameters
    self.launcher = launcher
    self.launcherName = launcherName
    self.launcherOptions = launcherOptions
    self.rankCommand = rankCommand
  }

  /// Trains the run on these workers; complete on rank 0, empty elsewhere. Collective.
  public static func epochs(
    _ configuration: TrainingConfiguration, sources: DataSources, initialParameters: [Float],
    _ communicator: any Communicator
  ) throws -> [EpochFingerprint] {
    let trainer = try Trainer(configuration, sources: sources, communicator)
    try trainer.begin(with: initialParameters)
    var epochs: [EpochFingerprint] = []
    _ = try trainer.run { event in
      if case .epochEnded(let record) = event { epochs.append(EpochFingerprint(record)) }
    }
    return epochs
  }

  /// The epochs of the run on a layout.
  public func run(_ layout: WorkerLayout) -> Result<[EpochFingerprint], LayoutFailure> {
    switch layout.kind {
    case .thread: threads(layout.workers)
    case .rank: ranks(layout.workers)
    }
  }

  private func threads(_ workers: Int) -> Result<[EpochFingerprint], LayoutFailure> {
    do {
      let results = try ThreadGroup.run(workers: workers) { [self] communicator in
        try Self.epochs(configuration, sources: sources, initialParameters: initialParameters, communicator)
      }
      return .success(results[0])
    } catch {
      return .failure(LayoutFailure("\((error as? WorkerFailure)?.underlying ?? error)"))
    }
  }

  private func ranks(_ workers: Int) -> Result<[EpochFingerprint], LayoutFailure> {
    guard let launcher else {
      return .failure(
        LayoutFailure(
          "cannot find '\(foreign(launcherName))' to start ranks; install openmpi-bin, or compare threads only"))
    }
    do {
      let child = try runChild(
        launcher.command(ranks: workers, options: launcherOptions, isRoot: geteuid() == 0, rankCommand))
      guard child.exitCode == 0 else {
        return .failure(
          LayoutFailure("\(launcher.program) ended with exit code \(child.exitCode): \(tellingLine(of: child.errors))"))
      }
      return .success(EpochFingerprint.read(child.output))
    } catch let interruption as Interruption {
      interruption.endProcess()
    } catch {
      return .failure(LayoutFailure("\(error)"))
    }
  }
}
