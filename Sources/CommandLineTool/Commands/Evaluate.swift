import ArgumentParser
import Datasets
import ModelFiles
import Monitoring
import NeuralNet
import Platform
import Runs
import Training
import Transforms

/// `fingerspell evaluate`.
struct Evaluate: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Evaluate a model on test rows.",
    discussion: """
      Prints loss and accuracy, precision, recall and F1 of each class, and the confusion matrix. The workers share the \
      rows; the result does not depend on how many there are.

      With --corruption it also measures corrupted test images. What is done to a row depends on the seed alone. Padding \
      replicates the edges unless the kind says otherwise.
        shift                by up to 2.5 pixels
        rotation             by up to 10 degrees
        noise                Gaussian, standard deviation 20 gray levels
        brightness-contrast  contrast up to 30 %, brightness up to 30 % of white
        blur                 Gaussian, standard deviation 1 pixel
        zoom                 by up to 15 %
        zero-padded-shift    shift, with black padding
        lighting-gradient    up to 20 % of white across and down
        salt-and-pepper      1 % of the pixels black, 1 % white
        occlusion            a square of 6 x 6 pixels in one gray level

      Without --data and --test-csv it uses the test rows in data/ or, if there are none, of the synthetic data set.

      EXAMPLES
        fingerspell evaluate runs/first/model.safetensors --data data
        mpirun -n 4 fingerspell evaluate model.safetensors --json result.json
        fingerspell evaluate model.safetensors --data data --corruption all
      """)

  @OptionGroup var model: ModelArgument
  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Data") var data: TestDataOptions
  @OptionGroup(title: "Data") var classNames: ClassNamesOption
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions

  @Option(
    help: ArgumentHelp(
      "Also write the results as JSON, numbers in full precision; - is standard output, and then nothing else is printed.",
      valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Also evaluate images with this corruption, or with all.", valueName: "kind"))
  var corruption: CorruptionKinds?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Random seed (>= 0) of the corruptions. (default: 1)", valueName: "number"))
  var corruptionSeed: UInt64?

  func validate() throws {
    if corruptionSeed != nil, corruption == nil {
      throw ValidationError("--corruption-seed is the seed of --corruption; give --corruption too.")
    }
  }

  func run() throws {
    let (model, network, data, images, json) = (model.path, network, data.selection, images, json)
    let classNames = classNames.path
    let corruptions = (corruption?.kinds ?? []).map { Corruption($0, seed: corruptionSeed ?? 1) }
    try Workers.run(threads: workers.count, stallTimeout: watchdog.limit) { communicator in
      // Only rank 0's host needs the model.
      let file = try communicator.onRoot { try StoredModel(path: model, network: network.architecture()) }
      let architecture = try Architecture.broadcast(file?.architecture, communicator)
      var source = try data.sources(communicator, needing: [.test]).test
      source.request = architecture.rowRequest
      try source.name(classes: communicator.agree { try classNames.map { try ClassNames(path: $0) } })
      let learned = try ModelImages.broadcast(file?.images, communicator)
      let framing = try communicator.broadcast(fromRoot: [file?.framing ?? 0], root: 0)[0]
      source = try communicator.agree {
        try images.applied(to: source, of: learned, framing: framing == 0 ? nil : framing)
      }
      let output =
        try communicator.onRoot { try json.map { try OutputFile($0, inputs: [model] + source.paths + data.files) } }
        ?? nil
      let parameters = try communicator.broadcast(fromRoot: file?.parameters ?? [], root: 0)
      let preprocessing = try communicator.broadcast(file?.preprocessing.rawValue ?? "", root: 0)
      let evaluations = try evaluate(
        architecture, parameters, on: source, preprocessing: Preprocessing(rawValue: preprocessing) ?? .unit,
        under: [nil] + corruptions, communicator)
      try communicator.onRoot {
        guard let evaluations else { return }
        for warning in file?.warnings(path: model, on: source) ?? [] { Ending.complain("warning: \(warning)") }
        let report = EvaluationReport(
          model: model, parametersSHA256: ModelFile.checksum(parameters, architecture.layout), data: source.name,
          classes: try source.classNames(), evaluation: evaluations[0],
          corrupted: zip(corruptions, evaluations.dropFirst()).map { ($0, $1.means) })
        try output?.write(report.json() + [UInt8(ascii: "\n")])
        if output?.isStandardOutput != true { try Console().write(report.text(columns: Console().columns)) }
      }
    }
  }
}

/// One kind of corruption, or all.
struct CorruptionKinds: ExpressibleByArgument {
  let kinds: [Corruption.Kind]

  init?(argument: String) {
    kinds = Corruption.Kind.allCases.filter { argument == "all" || argument == $0.rawValue }
    if kinds.isEmpty { return nil }
  }

  static let allValueStrings = ["all"] + Corruption.Kind.allCases.map(\.rawValue)
}

/// The model that a command uses.
struct ModelArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The model: a safetensors file, a checkpoint of a run, or a file of Keras.", valueName: "model"))
  var path: String
}

/// Which test rows to use.
struct TestDataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The data, whose test rows are taken: a folder with sign_mnist_test.csv, the files of another known set or folders of images; a file of rows, a list of images, "
        + "or an image.",
      valueName: "path"))
  var data: String?

  @Option(
    name: .customLong("test-csv"),
    help: ArgumentHelp("The file of the rows (CSV, .gz, .zip, IDX, npz), instead of --data.", valueName: "file"))
  var testCSV: String?

  func validate() throws {
    if data != nil, testCSV != nil { throw ValidationError("--data and --test-csv name the same rows; leave one out.") }
  }

  var selection: DataSelection {
    if let data { return .folder(data) }
    return testCSV.map { .testFile($0) } ?? .automatic
  }
}
