/// Trains the configuration's network on threads of this process, and returns the model of the kept epoch.
///
/// The model's bits depend on the configuration and the data alone, not on the number of workers. On ranks, or to write
/// checkpoints and a run folder, make a `Trainer` on each worker instead.
///
/// - Parameters:
///   - configuration: the hyperparameters; `Recipe.keras.configuration` or `Recipe.best.configuration` are good starts.
///   - data: the rows to train and to validate on.
///   - workers: the number of threads; nil for one per available core.
///   - weights: the weights to start from, as the layout of the configuration's architecture orders them; nil for random ones.
///   - observe: told of every event, on the thread of worker 0; an error that it throws ends the training.
/// - Throws: `WorkerFailure` with the error that came first; `CSVError` and `Failure` are among what it carries.
public func trainOnThreads(
  _ configuration: TrainingConfiguration, on data: DataSources, workers: Int? = nil, from weights: [Float]? = nil,
  observe: @escaping @Sendable (TrainingEvent) throws -> Void = { _ in }
) throws -> ModelFile {
  let outcomes = try ThreadGroup.run(workers: workers ?? UsableCores.count) { communicator in
    let trainer = try Trainer(configuration, sources: data, communicator)
    try trainer.begin(with: weights ?? configuration.architecture.initialParameters(seed: configuration.seed))
    return try trainer.run(observe: observe)
  }
  return ModelFile(
    configuration.architecture, parameters: outcomes[0].parameters,
    metadata: [ModelFile.preprocessingKey: configuration.preprocessing.rawValue])
}

extension Predictor {
  /// A predictor of that model's.
  public init(_ model: ModelFile) {
    self.init(model.architecture, parameters: model.parameters, preprocessing: model.preprocessing)
  }
}
