import Platform

/// What users can do about an error, in the words of this command line: the only place where errors and options meet.
enum Advice {
  /// A sentence for each remedy; none for one that has no option.
  static func text(for remedy: Remedy) -> String? {
    let value = remedy.values.first ?? ""
    return switch remedy.name {
    case "choose-output": "Or write to another folder with --output."
    case "name-data":
      nameData
    case "hold-out": holdOut
    case "name-network": nameNetwork
    case "fit": fit
    case "resume": "To resume from it, repeat the same command with --resume."
    case "resume-in": "To resume, repeat the same command with --output \(value) --resume."
    case "lower-learning-rate":
      "Use a lower --learning-rate (it is \(value)). Check those rows and, if training began with --initial-weights, the size of those "
        + "weights."
    case "reproducible-reduction": "Use --all-reduce reproducible."
    case "own-values": "Use the run's own values, or omit --resume to start a new run."
    case "train-further": "To train these weights further, start a new run with --initial-weights \(value)."
    case "more-epochs": "Use at least --epochs \(value), or omit --resume to start a new run."
    case "more-patience": "Use a larger --patience, or omit --resume to start a new run."
    case "shorter-or-longer-limit": "Shorten it, or allow more time with --time-limit."
    default: nil
    }
  }

  /// How to train where no test rows with labels are named.
  private static var holdOut: String? {
    let options = Suggestion.options(of: Suggestion.reached(Array(CommandLine.arguments.dropFirst())).command)
    let isSplit = CommandLine.arguments.contains { $0.hasPrefix("--validation-split") }
    guard options.contains("--validation-split"), !isSplit else { return nil }
    return "Without test rows that have labels, hold out a part of the training rows with --validation-split 0.1."
  }

  /// How a model's network is named, where it was not.
  private static var nameNetwork: String? {
    let isNamed = CommandLine.arguments.contains { $0.hasPrefix("--network") }
    return isNamed ? nil : "If it is a model of another network, name the JSON of its description with --network."
  }

  /// How images of another shape are used, where the command has the option.
  private static var fit: String? {
    let options = Suggestion.options(of: Suggestion.reached(Array(CommandLine.arguments.dropFirst())).command)
    guard options.contains("--fit"), !CommandLine.arguments.contains(where: { $0.hasPrefix("--fit") }) else {
      return nil
    }
    return
      "If the images are sound, and only of another shape, --fit crop, pad, stretch or hand makes the network's input of them."
  }

  /// How data are named, with the options that the command has.
  private static var nameData: String? {
    let options = Suggestion.options(of: Suggestion.reached(Array(CommandLine.arguments.dropFirst())).command)
    guard options.contains("--data") else { return nil }
    let files = ["--train-csv", "--test-csv"].filter(options.contains)
    let folder = "Name the folder that holds the files with --data"
    return switch files.count {
    case 0: folder + "."
    case 1: folder + ", or the file itself with \(files[0])."
    default: folder + ", or the files themselves with \(files[0]) and \(files[1])."
    }
  }

  /// An error's message, followed by what to do.
  static func message(_ error: any Error) -> String {
    guard let remedy = (error as? any UserError)?.remedy, let advice = text(for: remedy) else { return "\(error)" }
    return "\(error)\n\(advice)"
  }
}

/// An error with its advice, for those who print an error by its description.
struct AdvisedError: Error, CustomStringConvertible {
  let underlying: any Error

  var description: String { Advice.message(underlying) }
}

/// How options are called that set a field of the configuration.
enum OptionNames {
  /// `batchSize` is `--batch-size`, `augment.noise` is `--augment-noise`; what no option sets is told in words.
  static func option(for field: String) -> String {
    switch field {
    case "numericsRevision": "numerics revision"
    case "microBatchSize": "micro-batch size"
    case let name where name == "classWeight" || name.hasPrefix("classWeight."):
      "--class-weight" + (name.contains(".") ? " (\(name.dropFirst("classWeight.".count)))" : "")
    case "workers", "training data", "validation data": field
    default: "--" + kebab(field)
    }
  }

  /// `batchSize` as `batch-size`.
  static func kebab(_ name: String) -> String {
    name.map { $0.isUppercase ? "-" + $0.lowercased() : $0 == "." ? "-" : String($0) }.joined()
  }
}
