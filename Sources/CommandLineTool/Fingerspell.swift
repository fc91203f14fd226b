import ArgumentParser
import Glibc
import Kernels
import Monitoring
import Platform
import Training

/// The program: parses the command line, runs one command, and ends with the exit code that its error asks for.
@main
struct Fingerspell: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerspell",
    abstract: "Train networks on labelled images, on any number of processes, with the same bits.",
    discussion: """
      The network is the default one (Conv1D and LSTM, which learns the 24 static letters of Sign Language MNIST) or a \
      Sequential model of Keras. The data are CSV files, MNIST's files, npz files or folders of pictures. Workers are MPI \
      ranks under mpirun, and threads otherwise; the trained parameters do not depend on their number.

      EXAMPLES
        A first run on the synthetic data set, then the real data on four ranks:
          fingerspell train
          mpirun -n 4 fingerspell train --data data
        A Keras model, from model.to_json(), on class folders of pictures:
          fingerspell summary --network model.json
          fingerspell train --network model.json --data pictures \\
            --validation-split 0.1
        Evaluate a trained model, and look at predictions:
          fingerspell evaluate runs/first/model.safetensors --data data
          fingerspell predict runs/first/model.safetensors --data data --random 5
        On a cluster, before training:
          mpirun -n 4 --hostfile my-cluster fingerspell doctor --data data
          fingerspell prove --data data -- --hostfile my-cluster

      EXIT CODES
        0  success
        64 wrong usage
        65 bad data, or training that diverged to non-finite numbers
        69 a worker failed or is unresponsive
        70 a fault of this program, of memory or of a core
        74 reading or writing failed
        75 stopped by a signal; `train --resume` continues
      """,
    version: ProgramVersion.text,
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Serve.self, Report.self, Export.self, Summary.self, DataCommand.self,
      Prove.self, Chaos.self, Doctor.self, BenchmarkCommand.self,
    ])

  /// Runs the command. The CPU comes first: on one that lacks what the build uses, any vector code may crash.
  static func main() {
    StandardDescriptors.ensureOpen()
    if let feature = missingCPUFeature() { Ending.refuse(missingFeature: feature) }
    // A file that grows beyond the limit is then an error of the write, with a message, and no silent end.
    signal(SIGXFSZ, SIG_IGN)
    JSONLines.current = LogFormat.isJSON(CommandLine.arguments) ? JSONLines() : nil
    do {
      try Refusals.check()
      let words = try ConfigurationFile.expanded(Array(CommandLine.arguments.dropFirst()))
      JSONLines.current = LogFormat.isJSON(words) ? JSONLines() : nil
      var command = try parseAsRoot(words)
      try run(&command)
    } catch {
      Ending.end(with: error)
    }
  }
}

extension Fingerspell {
  /// Runs a command. Under a launcher all ranks join first, whatever each of them was told to do; what needs no workers is
  /// then done once, by rank 0.
  private static func run(_ command: inout any ParsableCommand) throws {
    if let leftOver = Launch.leftOver, !(command is Doctor) { throw Failure(.unavailable, leftOver) }
    guard Launch.environment != nil else { return try command.run() }
    Launch.agreed = try AgreedOptions.values(command)
    if command is any WorkersCommand { return try command.run() }
    let watchdog = (command as? any WatchedCommand)?.watchdog.limit.map { Watchdog(limit: $0, end: Stall.end) }
    defer { watchdog?.stop() }
    Workers.runRanks(watchdog: watchdog) { communicator in
      Launch.stillHere = { communicator.heartbeat.advance() }
      _ = try communicator.onRoot { try runAlone(&command) }
    }
  }

  /// Runs a command; what asks for help is a command too, which ends by throwing its text.
  private static func runAlone(_ command: inout any ParsableCommand) throws {
    do {
      try command.run()
    } catch  where exitCode(for: error) == .success {
      try Console().write(fullMessage(for: error) + "\n")
    }
  }
}

/// A command that all workers run together.
protocol WorkersCommand: ParsableCommand {}

/// The program's version.
enum ProgramVersion {
  /// As semantic versioning writes it.
  static let text = "0.1.0"
}
