import Checkpoints
import Communication
import Glibc
import Logging
import NeuralNet
import Platform
import SignLanguageMNIST
import Training

/// What every worker does for `fingerspell train`.
struct TrainingJob: Sendable {
  /// The recipe that the hyperparameters began with.
  var recipe: Recipe
  /// The hyperparameters.
  var configuration: TrainingConfiguration
  /// The data that the user chose.
  var data: DataSelection
  /// The run folder; nil for one named after the time.
  var output: String?
  /// The file of the weights to begin with; nil draws them.
  var initialWeights: String?
  /// Whether to go on with the run in the folder.
  var resume: Bool
  /// Steps between two checkpoints, besides those of the epochs' ends.
  var checkpointEvery: Int?
  /// The share of the chunks that is computed twice.
  var verifyShare = Trainer.defaultVerifyShare
  /// Raised to stop.
  var stop: StopFlag
  /// Whether to show nothing but the result.
  var quiet: Bool

  /// Trains. Collective. The run folder is made when data and weights are in order, so that a failed start leaves none.
  func perform(_ communicator: any Communicator) throws {
    let start = time(nil)
    let sources = try data.sources(
      communicator, needing: configuration.validationSplit == nil ? DataFiles.Part.allCases : [.train])
    let progress =
      communicator.rank == 0
      ? TrainingProgress(Console(), isQuiet: quiet, stillHere: { communicator.progress.advance() }) : nil
    let layout = try Machine.layout(communicator)
    let weights = try communicator.onRoot { try firstParameters() }
    let trainer = try Trainer(
      configuration, sources: sources, initialParameters: weights ?? [], verifyShare: verifyShare, communicator)
    let plan = try communicator.onRoot { try self.plan(sources, trainer, layout, weights ?? [], start) }
    if resume { try communicator.onRoot { if let plan { try progress?.announce(plan) } } }
    if try communicator.broadcast(plan?.outcome != nil) {
      try communicator.onRoot { try progress?.finishWriting() }
      return
    }
    try trainer.restore(plan?.state)
    try communicator.onRoot { log(trainer.summary, layout) }
    let folder = try communicator.onRoot { try plan?.start() } ?? nil
    let outcome = try train(trainer, folder, progress, communicator)
    try communicator.onRoot {
      guard let folder else { return }
      try folder.finish(outcome)
      try progress?.finished(outcome, configuration.keep, best: folder.best, model: folder.path(of: .model))
    }
  }

  /// Runs the trainer, keeping in the folder what it hands out.
  private func train(
    _ trainer: Trainer, _ folder: RunFolder?, _ progress: TrainingProgress?, _ communicator: any Communicator
  ) throws -> TrainingOutcome {
    do {
      return try trainer.run(checkpoints: CheckpointPolicy(everySteps: checkpointEvery, stop: stop)) { event in
        switch event {
        case .epochEnded(let record): try folder?.append(record)
        case .checkpoint(let state): try folder?.save(state)
        default: break
        }
        try progress?.show(event)
      }
    } catch let interruption as TrainingInterrupted {
      // All workers come here; among threads, any of them may be the one whose error is told.
      try communicator.onRoot { try progress?.interrupted() }
      let farewell = try communicator.broadcast(folder?.farewell(interruption) ?? "", root: 0)
      throw Failure(.interrupted, farewell, isCollective: true)
    }
  }

  /// What is to be done, by the command line and by what the run folder holds.
  private func plan(
    _ sources: DataSources, _ trainer: Trainer, _ layout: LayoutDescription, _ weights: [Float], _ start: time_t
  ) throws -> RunPlan {
    let description = description(sources, trainer, layout, start)
    let identity = try RunIdentity(
      configuration, training: description.trainingData, validation: description.validationData,
      initialParameters: initialWeights == nil ? nil : weights, workers: layout.workers,
      programVersion: ProgramVersion.text)
    return try RunPlan(
      place(start), description: description, identity: identity, resume: resume,
      canBe: trainer.canBe, warn: { Ending.complain("warning: \($0)") })
  }

  private func firstParameters() throws -> [Float] {
    guard let initialWeights else { return initialParameters(seed: configuration.seed) }
    if let output, !resume, Self.folder(of: initialWeights) == Self.folder(of: output + "/run.json") {
      throw Failure(
        .usage,
        "\(foreign(initialWeights)) lies in the run folder, and a new run there moves it aside, so that --resume would not find it; "
          + "copy it to another place, or choose another --output")
    }
    let model = try StoredModel(path: initialWeights)
    let path = foreign(initialWeights)
    if let origin = model.origin { Ending.complain("warning: \(path) is a checkpoint; \(origin) in it are taken") }
    if !model.namesPreprocessing {
      Ending.complain(
        "warning: \(path) does not say how its images were prepared; these are \(Self.text(configuration.preprocessing))"
      )
    } else if model.preprocessing != configuration.preprocessing {
      throw Failure(
        .usage,
        "the weights of \(path) have learned images that are \(Self.text(model.preprocessing)), but here they are "
          + "\(Self.text(configuration.preprocessing)): give \(model.preprocessing == .standardized ? "" : "--no-standardize, not ")"
          + "--standardize")
    }
    return model.parameters
  }

  /// The folder that a file lies in, by its real path; nil where there is none.
  private static func folder(of path: String) -> String? {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard let real = realpath(folder, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  private static func text(_ preprocessing: Preprocessing) -> String {
    switch preprocessing {
    case .unit: "pixels / 255"
    case .standardized: "brought to mean 0 and deviation 1"
    }
  }

  /// The run folder: the user's, or a new one that is named after the start.
  private func place(_ start: time_t) -> RunFolder.Place {
    output.map { .named($0) } ?? .new("runs/\(TimeOfDay.folderName(start))")
  }

  private func description(
    _ sources: DataSources, _ trainer: Trainer, _ layout: LayoutDescription, _ start: time_t
  ) -> RunDescription {
    let sha256 = trainer.dataSHA256
    let training = DataDescription(source: sources.train.name, sha256: sha256.training?.description)
    let validation = DataDescription(source: sources.test.name, sha256: sha256.validation?.description)
    return RunDescription(
      programVersion: ProgramVersion.text, command: CommandLine.arguments, started: TimeOfDay.utc(start),
      recipe: recipe, configuration: configuration, initialWeights: initialWeights,
      trainingData: training, validationData: configuration.validationSplit == nil ? validation : nil, layout: layout)
  }

  private func log(_ summary: DataSummary, _ layout: LayoutDescription) {
    let logger = Logger(label: "fingerspell")
    logger.info(
      "workers are ready",
      metadata: [
        "cpu": "\(layout.cpu)", "hosts": "\(layout.hosts.joined(separator: " "))", "mpi": "\(layout.mpi ?? "none")",
        "\(layout.kind)": "\(layout.workersPerNode.map(String.init).joined(separator: "+"))",
      ])
    for oddity in summary.oddities { logger.warning("\(oddity)") }
    if !summary.idleRanks.isEmpty {
      logger.warning(
        """
        a batch of \(configuration.batchSize) has fewer chunks of \(DropoutMasks.samples) samples than there are workers: \
        \(summary.idleRanks.count) of \(summary.workers) workers have no part in training; take fewer, or a larger --batch-size
        """)
    }
  }
}
