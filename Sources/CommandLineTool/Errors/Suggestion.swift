import ArgumentParser
import Checkup
import Platform
import Training

/// What a user may have meant by a word that the command line does not know.
///
/// ArgumentParser suggests options of a similar spelling, however short they are. It knows nothing of the names that other
/// trainers or earlier versions use, nor does it suggest commands.
enum Suggestion {
  /// Names of options in Keras' examples, PyTorch's, Lightning's, Hugging Face's and others, and what they are called here.
  private static let options: [String: String] = [
    "lr": "learning-rate", "eta": "learning-rate", "lrate": "learning-rate", "base-lr": "learning-rate",
    "bs": "batch-size", "batch": "batch-size", "batchsize": "batch-size", "train-batch-size": "batch-size",
    "global-batch-size": "batch-size",
    "epoch": "epochs", "num-epochs": "epochs", "n-epochs": "epochs", "max-epochs": "epochs",
    "num-train-epochs": "epochs",
    "wd": "weight-decay", "decay": "weight-decay", "l2": "weight-decay",
    "warmup": "warmup-epochs", "lr-scheduler": "schedule", "lr-schedule": "schedule", "scheduler": "schedule",
    "optim": "optimizer", "opt": "optimizer", "beta-1": "beta1", "beta-2": "beta2", "eps": "epsilon",
    "adam-beta1": "beta1", "adam-beta2": "beta2", "adam-epsilon": "epsilon", "adam-eps": "epsilon",
    "class-weights": "class-weight", "max-seconds": "max-time", "max-hours": "max-time", "metric": "monitor",
    "early-stopping-patience": "patience", "lr-factor": "plateau-factor", "min-lr": "plateau-min-rate",
    "clip": "clip-norm", "clipnorm": "clip-norm", "max-grad-norm": "clip-norm", "gradient-clip-val": "clip-norm",
    "threads": "workers", "num-workers": "workers", "nproc": "workers", "jobs": "workers", "np": "workers",
    "out": "output", "out-dir": "output", "output-dir": "output", "save-dir": "output", "log-dir": "output",
    "logdir": "output",
    "data-dir": "data", "dataset": "data", "data-path": "data", "train-file": "train-csv", "test-file": "test-csv",
    "val-split": "validation-split", "validation-fraction": "validation-split", "smoothing": "label-smoothing",
    "random-seed": "seed", "random-state": "seed", "early-stopping": "patience", "early-stop": "patience",
    "weights": "initial-weights", "pretrained": "initial-weights", "init-from": "initial-weights",
    "checkpoint-interval": "checkpoint-every", "save-steps": "checkpoint-every", "save-every": "checkpoint-every",
    "continue": "resume", "resume-from-checkpoint": "resume", "timeout": "stall-timeout", "silent": "quiet",
    "dropout-rate": "dropout", "rows": "row", "index": "row", "html": "gallery",
  ]

  /// Commands by other names.
  private static let commands: [String: String] = [
    "fit": "train", "run": "train", "learn": "train", "training": "train", "eval": "evaluate", "test": "evaluate",
    "validate": "evaluate", "score": "evaluate", "infer": "predict", "inference": "predict", "classify": "predict",
    "check": "doctor", "diagnose": "doctor", "verify": "prove", "bench": "benchmark", "dataset": "data",
    "info": "inspect",
    "describe": "inspect", "synth": "synthesize", "generate": "synthesize",
  ]

  /// The error message with what was probably meant: `Error: Unknown option '--lr'. Did you mean '--learning-rate'?`.
  ///
  /// - Parameters:
  ///   - message: ArgumentParser's message, of which the first line says what is wrong.
  ///   - words: the command line without the program.
  static func added(to message: String, words: [String]) -> String {
    var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let first = lines.first else { return message }
    if let valid = first.firstRange(of: ". Please provide"), let meant = value(meantBy: first) {
      lines[0] = "\(first[..<valid.lowerBound]). Did you mean '\(meant)'?\(first[valid.lowerBound...].dropFirst())"
      return lines.joined(separator: "\n")
    }
    guard first.contains("nexpected argument") || first.contains("Unknown ") else { return message }
    let (command, word) = reached(words)
    let commands = command.configuration.subcommands
    let (error, meant): (Substring, String?)
    // An option of a command that is not there is not unknown.
    if let word, !word.hasPrefix("-"), !commands.isEmpty {
      (error, meant) = (
        "Error: Unknown command '\(foreign(word, limit: 64))'", self.command(like: word, among: commands)
      )
    } else if first.contains("Unknown option '-") {
      error = first.firstRange(of: ". Did you mean").map { first[..<$0.lowerBound] } ?? first[...]
      meant = quoted(first).flatMap { option(like: $0, of: command) }
    } else {
      return message
    }
    lines[0] = error + (meant.map { ". Did you mean '\($0)'?" } ?? "")
    return lines.joined(separator: "\n")
  }

  /// The value that an earlier version called by the first quoted word, for the option that is quoted next.
  private static func value(meantBy error: String) -> String? {
    let parts = error.split(separator: "'", omittingEmptySubsequences: false)
    guard parts.count >= 5, let option = parts[3].split(separator: " ").first else { return nil }
    return FormerNames.values[String(option)]?[String(parts[1])]
  }

  /// The command that the words lead to, and the first word that names no command of its.
  static func reached(_ words: [String]) -> (command: any ParsableCommand.Type, word: String?) {
    var command: any ParsableCommand.Type = Fingerspell.self
    for word in words {
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else {
        return (command, word)
      }
      command = next
    }
    return (command, nil)
  }

  /// The options that a command's help lists: `--epochs`.
  static func options(of command: any ParsableCommand.Type) -> [String] {
    command.helpMessage(columns: 1000).split(separator: "\n").filter { $0.hasPrefix("  -") }.flatMap { line in
      line.split { " ,/".contains($0) }.prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }
        .filter { $0.hasPrefix("--") }.map(String.init)
    }
  }

  /// The option that was meant by a word such as `--lr`, `--num_epochs` or `-epochs`.
  static func option(like word: Substring, of command: any ParsableCommand.Type) -> String? {
    let name = word.drop { $0 == "-" }.lowercased().replacing("_", with: "-")
    let known = options(of: command)
    if let option = (FormerNames.options[name] ?? options[name]).map({ "--" + $0 }), known.contains(option) {
      return option
    }
    let near = known.map { (name: $0, distance: editDistance("--" + name, $0)) }.min { $0.distance < $1.distance }
    // A short name is soon like any other.
    return near.flatMap { $0.distance <= min(3, name.count / 3) ? $0.name : nil }
  }

  private static func command(like word: String, among commands: [any ParsableCommand.Type]) -> String? {
    let names = commands.map { $0._commandName }
    if let name = FormerNames.commands[word] ?? Self.commands[word.lowercased()], names.contains(name) { return name }
    let near = names.map { (name: $0, distance: editDistance(word.lowercased(), $0)) }.min { $0.distance < $1.distance }
    return near.flatMap { $0.distance <= max(1, $0.name.count / 3) ? $0.name : nil }
  }

  /// The first text in single quotes.
  private static func quoted(_ text: String) -> Substring? {
    let parts = text.split(separator: "'", omittingEmptySubsequences: false)
    return parts.count >= 3 ? parts[1] : nil
  }

  /// How many letters must be inserted, deleted, replaced or swapped with their neighbours (Damerau and Levenshtein).
  static func editDistance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
