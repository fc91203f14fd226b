import ArgumentParser
import NeuralNet
import Platform
import SignLanguageMNIST
import Training

/// `fingerspell evaluate`.
struct Evaluate: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model on test rows.",
    discussion: """
      Prints loss and accuracy, precision, recall and F1 of each letter, and the confusion matrix. The workers share the \
      rows; the result does not depend on how many there are.

      With --disturb it also gives the accuracy on test images that were changed first. What is done to a row depends on the \
      seed alone. Edges repeat where nothing was.
        shifted  by up to 2.5 pixels
        rotated  by up to 10 degrees
        noise    of deviation 20 grey levels
        light    contrast by up to 30 %, up to 30 % of white added or taken
        blurred  by a deviation of 1 pixel
        zoomed   by up to 15 %
        framed   shifted, with black where nothing was
        shaded   up to 20 % of white added at one side and taken at the other
        specks   2 % of the pixels black or white
        hidden   6 x 6 pixels of one grey

      Without --data and --test-csv it takes the test rows in data/ or, where there are none, of the built-in set.

      EXAMPLES
        fingerspell evaluate runs/first/model.safetensors --data data
        mpirun -n 4 fingerspell evaluate model.safetensors --json result.json
        fingerspell evaluate model.safetensors --data data --disturb all
      """)

  @OptionGroup var model: ModelArgument
  @OptionGroup(title: "Data") var data: TestDataOptions
  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions

  @Option(
    help: ArgumentHelp(
      "Also write the results as JSON, numbers in full precision; - is standard output, and then nothing else is printed.",
      valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Evaluate images disturbed in this way too, or in each.", valueName: "kind"))
  var disturb: DisturbedKinds?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The key of the disturbances, from 0. (default: 1)", valueName: "number"))
  var disturbSeed: UInt64?

  func validate() throws {
    if disturbSeed != nil, disturb == nil {
      throw ValidationError("--disturb-seed is the key of what --disturb draws; give --disturb too.")
    }
  }

  func run() throws {
    let (model, data, json) = (model.path, data.selection, json)
    let disturbances = (disturb?.kinds ?? []).map { Disturbance($0, seed: disturbSeed ?? 1) }
    try Workers.run(threads: workers.count, stallTimeout: watchdog.limit) { communicator in
      let source = try data.sources(communicator, needing: [.test]).test
      let output =
        try communicator.onRoot { try json.map { try OutputFile($0, inputs: [model] + source.paths + data.files) } }
        ?? nil
      // Only rank 0's host needs the model.
      let file = try communicator.onRoot { try StoredModel(path: model) }
      let parameters = try communicator.broadcast(fromRoot: file?.parameters ?? [], root: 0)
      let preprocessing = try communicator.broadcast(file?.preprocessing.rawValue ?? "", root: 0)
      let evaluations = try evaluate(
        parameters, on: source, preprocessing: Preprocessing(rawValue: preprocessing) ?? .unit,
        under: [nil] + disturbances, communicator)
      try communicator.onRoot {
        guard let evaluations else { return }
        for warning in file?.warnings(path: model, on: source) ?? [] { Ending.complain("warning: \(warning)") }
        let report = EvaluationReport(
          model: model, data: source.name, evaluation: evaluations[0],
          disturbed: zip(disturbances, evaluations.dropFirst()).map { ($0, $1.means) })
        try output?.write(report.json() + [UInt8(ascii: "\n")])
        if output?.isStandardOutput != true { try Console().write(report.text(columns: Console().columns)) }
      }
    }
  }
}

/// One kind of disturbance, or all.
struct DisturbedKinds: ExpressibleByArgument {
  let kinds: [Disturbance.Kind]

  init?(argument: String) {
    kinds = Disturbance.Kind.allCases.filter { argument == "all" || argument == $0.rawValue }
    if kinds.isEmpty { return nil }
  }

  static let allValueStrings = ["all"] + Disturbance.Kind.allCases.map(\.rawValue)
}

/// The model that a command uses.
struct ModelArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("The model: a safetensors file, or a checkpoint of a run.", valueName: "model"))
  var path: String
}

/// Which test rows to use.
struct TestDataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder of the data set, whose sign_mnist_test.csv is taken.", valueName: "dir"))
  var data: String?

  @Option(
    name: .customLong("test-csv"), help: ArgumentHelp("The CSV of the rows, instead of --data.", valueName: "file"))
  var testCSV: String?

  func validate() throws {
    if data != nil, testCSV != nil { throw ValidationError("--data and --test-csv name the same rows; leave one out.") }
  }

  var selection: DataSelection {
    if let data { return .folder(data) }
    return testCSV.map { .testFile($0) } ?? .automatic
  }
}
