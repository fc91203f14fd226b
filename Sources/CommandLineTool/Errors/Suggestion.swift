import ArgumentParser
import Checkup
import Platform
import Training

/// What a user may have meant by a word that the command line does not know.
///
/// ArgumentParser suggests options of a similar spelling. It knows nothing of the names that other trainers use, nor does it
/// suggest commands.
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
    guard let first = lines.first, let meant = meant(by: first, words) else { return message }
    var error = first.firstRange(of: ". Did you mean").map { first[..<$0.lowerBound] } ?? first[...]
    // An option of a command that is not there is not unknown.
    if let word = reached(words).word, !meant.hasPrefix("--"), error.contains("Unknown option") {
      error = "Error: Unexpected argument '\(foreign(word, limit: 64))'"
    }
    lines[0] = "\(error). Did you mean '\(meant)'?"
    return lines.joined(separator: "\n")
  }

  private static func meant(by error: String, _ words: [String]) -> String? {
    let (commands, word) = reached(words)
    if let word, !word.hasPrefix("-"), !commands.isEmpty { return command(like: word, among: commands) }
    guard error.contains("Unknown option '--"), let name = quoted(error)?.dropFirst(2) else { return nil }
    return options[name.lowercased().replacing("_", with: "-")].map { "--" + $0 }
  }

  /// The subcommands of the command that the words lead to, and the first word that is none of them.
  private static func reached(_ words: [String]) -> (commands: [any ParsableCommand.Type], word: String?) {
    var commands = Fingerspell.configuration.subcommands
    for word in words {
      guard let next = commands.first(where: { $0._commandName == word }) else { return (commands, word) }
      commands = next.configuration.subcommands
    }
    return (commands, nil)
  }

  private static func command(like word: String, among commands: [any ParsableCommand.Type]) -> String? {
    let names = commands.map { $0._commandName }
    if let name = Self.commands[word.lowercased()], names.contains(name) { return name }
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
