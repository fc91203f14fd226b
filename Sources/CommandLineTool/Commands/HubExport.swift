import Communication
import Datasets
import ImageFiles
import ModelExchange
import NeuralNet
import Platform
import Runs
import Training

/// The folder for a model hub, with what is known of the model: nothing in it is made up.
struct HubExport {
  private let path: String
  private let file: StoredModel
  private let model: ExportedModel
  private let license: String
  /// The run in whose folder the model lies.
  private let run: ModelRun?

  init(model path: String, _ file: StoredModel, _ model: ExportedModel, license: String?) {
    self.path = path
    self.file = file
    self.model = model
    self.license = license ?? "unknown"
    run = ModelRun(ofModelAt: path, file, checksum: model.checksum)
  }

  /// Writes the files.
  ///
  /// - Parameters:
  ///   - data: the rows to measure, if the user named some.
  ///   - inputs: files that must not be replaced.
  func write(to folder: String, _ data: TestDataOptions, _ inputs: [String]) throws {
    let result = data.data == nil && data.testCSV == nil ? run.map(recorded) : try measured(on: data.selection)
    let card = ModelCard(
      name: Self.name(of: folder), license: license, version: ProgramVersion.text, result: result, training: training)
    let files = try model.hubFiles(card)
    try Folders.make(folder)
    let outputs = try files.map { try OutputFile("\(folder)/\($0.name)", inputs: inputs + data.selection.files) }
    for (output, file) in zip(outputs, files) { try output.write(file.bytes) }
    try Console().line("\(foreign(folder)): \(files.map(\.name).joined(separator: ", "))")
    guard result == nil else { return }
    Ending.complain(
      "note: the model card has no results: the model is in no run's folder; --data or --test-csv names rows to measure")
  }

  /// What the run measured after the epoch.
  private func recorded(_ run: ModelRun) -> ModelCard.Result {
    let data = run.description.validationData
    let source = data?.source ?? run.description.trainingData.source
    let chosen =
      run.description.configuration.keep == .best ? " They also chose the epoch whose weights these are." : ""
    return ModelCard.Result(
      data: Self.lastPart(source) + (data == nil ? ", rows held out for validation" : ""), sha256: data?.sha256, rows: nil,
      loss: run.loss, accuracy: run.accuracy,
      note: "Validation rows of the training run, measured by it after epoch \(run.epoch).\(chosen)")
  }

  /// What is measured now.
  private func measured(on selection: DataSelection) throws -> ModelCard.Result {
    var source = try selection.source(.test)
    source.request = model.architecture.rowRequest
    try source.name(classes: ClassNames(model.classNames))
    source = try ImageOptions().applied(to: source, of: file.images)
    let (rows, model, preprocessing) = (source, model, file.preprocessing)
    let evaluations = try ThreadGroup.run(workers: 1) { communicator in
      try evaluate(model.architecture, model.parameters, on: rows, preprocessing: preprocessing, communicator)
    }
    guard let evaluation = evaluations.first??.first else { preconditionFailure("one worker has all rows") }
    for warning in file.warnings(on: source) { Ending.complain("warning: \(warning)") }
    let classes = ConfusionMatrix(evaluation, classes: model.architecture.classes).classes
    return ModelCard.Result(
      data: Self.lastPart(source.name), sha256: nil, rows: evaluation.labels.count, loss: evaluation.means.loss,
      accuracy: evaluation.means.accuracy, note: "Measured when this card was written.",
      classes: classes.map { (model.classNames[$0.label], $0.support, $0.recall) })
  }

  /// How the model came about, as far as it or its run's files say.
  private var training: [(fact: String, value: String)] {
    guard let run else {
      let known = [("epoch", "Epoch"), ("seed", "Seed"), ("train_sha256", "SHA-256 of the training rows")]
      return known.compactMap { key, fact in file.metadata[key].map { (fact, $0) } }
    }
    let (description, configuration) = (run.description, run.description.configuration)
    let sum = description.trainingData.sha256.map { ", SHA-256 \($0)" } ?? ""
    return [
      ("Data", Self.lastPart(description.trainingData.source) + sum), ("Recipe", description.recipe),
      ("Epoch", "\(run.epoch)"), ("Batch size", "\(configuration.batchSize)"), ("Seed", "\(configuration.seed)"),
      ("Program", "Fingerspell \(description.programVersion), numerics revision \(description.numericsRevision)"),
    ]
  }

  /// The last part of a path, which is what may be published of it; other names as they are.
  private static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func name(of folder: String) -> String {
    let last = lastPart(folder)
    return [".", "..", ""].contains(last) ? "model" : last
  }
}
