import Communication
import Datasets
import Glibc
import Kernels
import Logging
import ModelFiles
import NeuralNet
import Pages
import Platform
import Runs
import Training

/// What every worker does for `fingerspell train`.
struct TrainingJob: Sendable {
  /// The recipe that the hyperparameters began with.
  var recipe: Recipe
  /// The hyperparameters.
  var configuration: TrainingConfiguration
  /// The data that the user chose.
  var data: DataSelection
  /// The file with the names of the classes.
  var classNames: String?
  /// What is done with images of other sizes.
  var images: ImageOptions
  /// The run folder; nil for one named after the time.
  var output: String?
  /// The file of the weights to begin with; nil draws them.
  var initialWeights: String?
  /// Whether to resume the run in the folder.
  var resume: Bool
  /// Steps between two checkpoints, besides those of the epochs' ends.
  var checkpointEvery: Int?
  /// The share of the micro-batches that is computed twice.
  var verifyShare = Trainer.defaultVerifyShare
  /// Raised to stop the run.
  var stop: StopFlag
  /// When to end the run; nil for never.
  var deadline: ContinuousClock.Instant?
  /// Whether to show nothing but the result.
  var quiet: Bool
  /// Whether to write event files for TensorBoard.
  var writesEvents: Bool
  /// The file of options that the command took, which may be of a run that is repeated.
  var repeated: ConfigurationFile?

  /// Trains. Collective. A run to resume is looked at first: one that has ended needs no data. The run folder is made when data
  /// and weights are in order, so that a failed start leaves none.
  func perform(_ communicator: any Communicator) throws {
    let started = time(nil)
    var sources = try data.sources(
      communicator, needing: configuration.validationSplit == nil ? DataFiles.Part.allCases : [.train])
    sources.request = configuration.architecture.rowRequest
    try sources.name(classes: communicator.agree { try classNames.map { try ClassNames(path: $0) } })
    let named = sources
    if communicator.rank == 0, !quiet, let count = named.train.names?.count, count < named.request.classCount {
      Ending.complain(
        "warning: \(foreign(classNames ?? "")) names \(count) of the network's \(named.request.classCount) classes; the others are called "
          + "by their numbers")
    }
    sources = try communicator.agree { try images.applied(to: named) }
    let progress = communicator.rank == 0 ? report { communicator.heartbeat.advance() } : nil
    let machine = try Machine.description(communicator)
    let chosen = try communicator.onRoot { try initialWeights.map { try chosenParameters($0) } } ?? nil
    let run = try communicator.onRoot { try open(sources, machine, chosen, started) }
    if try communicator.broadcast(run?.hasEnded ?? false) {
      try communicator.onRoot { if let run { try finish(run, sources, progress) } }
      return
    }
    let trainer = try Trainer(configuration, sources: sources, verifyShare: verifyShare, communicator)
    try communicator.onRoot { if let run { try confirm(run, sources, trainer, progress) } }
    if try communicator.broadcast(run?.state != nil) {
      try trainer.restore(run?.state)
    } else {
      let drawn = try communicator.onRoot {
        chosen
          ?? configuration.architecture.initialParameters(seed: configuration.seed) { communicator.heartbeat.advance() }
      }
      try trainer.begin(with: drawn ?? [])
    }
    try communicator.onRoot { log(trainer.summary, machine) }
    let folder =
      try communicator.onRoot {
        let folder = try run?.begin()
        if writesEvents { try folder?.startEvents() }
        if let folder { progress?.begins(in: folder.path) }
        return folder
      } ?? nil
    let outcome = try train(trainer, folder, progress, communicator)
    let examination = try trainer.examine(outcome)
    try communicator.onRoot {
      guard let folder else { return }
      if let examination {
        try add(examination, to: folder, sources.train)
        try folder.keep(examination)
      }
      try folder.finish(outcome)
      writeReport(folder)
      try progress?.finished(outcome, best: folder.best, model: folder.path(of: .model))
    }
  }

  /// Writes the report, without which a run is still a run.
  private func writeReport(_ folder: RunFolder) {
    do {
      try folder.keep(report: RunReport(try folder.record()).html)
    } catch {
      Ending.complain("warning: the run has no report: \(error)")
    }
  }

  /// Runs the trainer, keeping in the folder what it hands out.
  private func train(
    _ trainer: Trainer, _ folder: RunFolder?, _ progress: (any TrainingReport)?, _ communicator: any Communicator
  ) throws -> TrainingOutcome {
    var samples: Int?
    do {
      return try trainer.run(checkpoints: CheckpointPolicy(everySteps: checkpointEvery, stop: stop, deadline: deadline))
      { event in
        switch event {
        case .stepped(let step): samples = step.samples
        case .epochEnded(let record): try folder?.append(record, samples: samples)
        case .checkpoint(let state):
          guard let folder else { break }
          try folder.save(state)
          try progress?.saved(state, path: folder.path(ofCheckpoint: state.position.stepsTaken))
        default: break
        }
        try progress?.show(event)
      }
    } catch let interruption as TrainingInterrupted {
      // All workers come here; among threads, any of them may be the one whose error is told.
      try communicator.onRoot {
        if let folder { writeReport(folder) }
        try progress?.interrupted(interruption, checkpoint: folder?.checkpoint(of: interruption))
      }
      let message = try communicator.broadcast(folder.map { self.message(interruption, $0) } ?? "", root: 0)
      throw Failure(.interrupted, message, isCollective: true)
    }
  }

  /// Who tells of the run.
  private func report(stillHere: @escaping () -> Void) -> any TrainingReport {
    if let lines = JSONLines.current {
      return TrainingLines(lines, configuration, isQuiet: quiet, stillHere: stillHere)
    }
    return TrainingProgress(Console(), keep: configuration.keep, isQuiet: quiet, stillHere: stillHere)
  }

  /// Adds what the kept weights say about the validation rows to the event files.
  private func add(_ examination: Examination, to folder: RunFolder, _ source: DataSource) throws {
    guard writesEvents else { return }
    let classes = try source.classNames()
    let matrix = ConfusionMatrix(examination.confusion, classes: classes.count)
    guard let picture = ConfusionPicture.png(matrix, classes: classes) else { return }
    try folder.append(picture, epoch: examination.epoch)
  }

  /// What to tell a user whose run was stopped.
  private func message(_ interruption: TrainingInterrupted, _ folder: RunFolder) -> String {
    let kept = folder.checkpoint(of: interruption).map { "Checkpoint: \($0)" } ?? "There is nothing to keep yet"
    return "\(interruption)\n\(kept)\nTo resume, repeat the same command with --output \(folder.path) --resume"
  }

  /// The run, by the command line and by what the run folder holds.
  private func open(
    _ sources: DataSources, _ machine: MachineDescription, _ chosen: [Float]?, _ started: time_t
  ) throws -> Run {
    let isSplit = configuration.validationSplit != nil
    let description = RunDescription(
      programVersion: ProgramVersion.text, command: CommandLine.arguments, started: TimeOfDay.utc(started),
      recipe: recipe, configuration: configuration, options: options(sources),
      images: try images.description(of: sources.train),
      initialWeights: initialWeights,
      trainingData: DataDescription(source: sources.train.name, sha256: nil),
      validationData: isSplit ? nil : DataDescription(source: sources.test.name, sha256: nil), machine: machine)
    let location = output.map { .named($0) } ?? RunFolder.Location.new("runs/\(TimeOfDay.folderName(started))")
    return try Run(
      location, resume: resume, description: description,
      identity: RunIdentity(
        configuration, initialParameters: chosen, workers: machine.workers,
        images: try images.description(of: sources.train)),
      nameOfSetting: OptionNames.option, warn: { Ending.complain("warning: \($0)") })
  }

  /// What run.json says about the options, beside the hyperparameters.
  private func options(_ sources: DataSources) -> RunOptions {
    var options = RunOptions()
    switch data {
    case .folder(let path): options.data = path
    case .files(let train, let test): (options.trainCsv, options.testCsv) = (train, test)
    case .automatic: options.data = sources.train.isSynthetic ? nil : DataSelection.defaultFolder
    case .testFile: break
    }
    options.classNames = classNames
    return options
  }

  /// Tells the run what data were loaded, and the user whether it resumes.
  private func confirm(
    _ run: Run, _ sources: DataSources, _ trainer: Trainer, _ progress: (any TrainingReport)?
  ) throws {
    let sha256 = trainer.dataSHA256
    try confirm(run, sources, (sha256.training, sha256.validation), canBe: trainer.canBe)
    for warning in repeated?.differences(from: run) ?? [] { Ending.complain("warning: \(warning)") }
    if resume { try progress?.announce(run) }
  }

  private func confirm(
    _ run: Run, _ sources: DataSources, _ sha256: (training: SHA256Digest?, validation: SHA256Digest?),
    canBe: (TrainingPosition) -> Bool = { _ in true }
  ) throws {
    let isSplit = configuration.validationSplit != nil
    try run.confirm(
      training: DataDescription(source: sources.train.name, sha256: sha256.training?.description),
      validation: isSplit ? nil : DataDescription(source: sources.test.name, sha256: sha256.validation?.description),
      canBe: canBe)
  }

  /// Says that a run has ended; its data are compared by their checksums, and not loaded.
  private func finish(_ run: Run, _ sources: DataSources, _ progress: (any TrainingReport)?) throws {
    let digests = try [sources.train, sources.test].map { source in
      try source.rows.sha256 { true }
    }
    try confirm(run, sources, (digests[0], digests[1]))
    try progress?.announce(run)
    try progress?.finishWriting()
  }

  /// The weights that the user chose to begin with.
  private func chosenParameters(_ initialWeights: String) throws -> [Float] {
    if let output, !resume, Self.folder(of: initialWeights) == Self.folder(of: output + "/run.json") {
      throw Failure(
        .usage,
        "\(foreign(initialWeights)) lies in the run folder, and a new run there moves it aside, so that --resume would not find it; "
          + "copy it to another place, or choose another --output")
    }
    let model = try StoredModel(path: initialWeights, network: configuration.network)
    let path = foreign(initialWeights)
    guard model.architecture.layout == configuration.architecture.layout else {
      throw Failure(
        .usage,
        "\(path) has the weights of another network (\(model.architecture.name)) than this run trains; name that with --network"
      )
    }
    if let origin = model.origin { Ending.complain("warning: \(path) is a checkpoint; using \(origin)") }
    if !model.namesPreprocessing {
      Ending.complain(
        "warning: \(path) does not say how its images were prepared; these are \(Self.text(configuration.preprocessing))"
      )
    } else if model.preprocessing != configuration.preprocessing, try !networkPrepares(as: model) {
      throw Failure(
        .usage,
        "\(path) was trained on images \(Self.text(model.preprocessing)), but those of this run are "
          + "\(Self.text(configuration.preprocessing)): give \(model.preprocessing == .standardized ? "" : "--no-standardize, not ")--standardize"
      )
    }
    return model.parameters
  }

  /// Whether the network does to raw pixels what the model's images had done to them, by the layers that `export` puts before it: as
  /// when one of its `.keras` files is both --network and --initial-weights.
  private func networkPrepares(as model: StoredModel) throws -> Bool {
    guard configuration.preprocessing == .raw else { return false }
    let whole = try KerasPreparation.added(to: model.architecture, model.preprocessing, inverts: model.images.invert)
    return whole.architecture == configuration.architecture
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
    case .unit: "scaled to pixels / 255"
    case .standardized: "standardized to mean 0 and standard deviation 1"
    case .raw: "left as pixels 0 to 255, which the network scales itself"
    }
  }

  private func log(_ summary: DataSummary, _ machine: MachineDescription) {
    let logger = Logger(label: "fingerspell")
    logger.info(
      "workers are ready",
      metadata: [
        "cpu": "\(machine.cpu)", "hosts": "\(machine.hosts.joined(separator: " "))", "mpi": "\(machine.mpi ?? "none")",
        "\(machine.kind)": "\(machine.workersPerNode.map(String.init).joined(separator: "+"))",
      ])
    for warning in summary.warnings { logger.warning("\(warning)") }
    if !summary.idleRanks.isEmpty {
      logger.warning(
        """
        a batch of \(configuration.batchSize) has fewer micro-batches of \(MicroBatch.size) samples than there are workers: \
        \(summary.idleRanks.count) of \(summary.workers) workers \(summary.idleRanks.count == 1 ? "has" : "have") no part in training; take fewer, or a larger --batch-size
        """)
    }
  }
}
