import Platform
import Communication
import Datasets

/// The rows that a run trains and validates on, as one worker sees them.
struct TrainingData {
  /// The table with the training rows.
  let training: RowTable
  /// The table with the validation rows: the test set's, or the training table where rows are held out.
  let validation: RowTable
  /// This worker's validation rows.
  let validationRows: Range<Int>
  /// The training rows of the whole run: the first rows of the table, or of every shard.
  let totalTrainingRows: Int
  /// The validation rows of the whole run.
  let totalValidationRows: Int
  /// What the workers found in the rows.
  let facts: RowFacts
  /// What the training rows look like; nil where there are too few.
  let images: TrainingImages?

  /// The training rows of each worker's shard, by worker index; the whole table's only entry where rows are shared.
  private let trainingRows: [Int]
  private let topology: Topology
  private let workerIndex: Int

  /// Loads the data. Collective.
  ///
  /// Held-out rows are the last ones, as with Keras' `validation_split`: of the table, or of every shard.
  init(_ sources: DataSources, _ configuration: TrainingConfiguration, _ communicator: any Communicator) throws {
    let shared = configuration.shuffle != .shard
    topology = communicator.topology
    let classes = try communicator.agree { try sources.train.classNames() }
    workerIndex = communicator.workerIndex
    training = try RowTable.load(sources.train, communicator, shared: shared)
    let owned = shared ? [training.totalRows] : try Self.byWorkerIndex(training.shard.count, communicator)
    guard let split = configuration.validationSplit else {
      trainingRows = owned
      validation = try RowTable.load(sources.test, communicator, shared: shared)
      validationRows = shared ? Evaluator.share(of: validation.readable, communicator) : validation.shard
      totalTrainingRows = training.totalRows
      totalValidationRows = validation.totalRows
      facts = try RowFacts(
        training, training.shard, validation, validation.shard, classes, isHeldOut: false, communicator)
      images = try TrainingImages.collected(from: training, training.shard, communicator)
      return
    }
    trainingRows = owned.map { Int(Double($0) * (1 - split)) }
    validation = training
    let kept = trainingRows[shared ? 0 : workerIndex]
    let heldOut = training.readable.lowerBound + kept..<training.readable.upperBound
    validationRows = shared ? Evaluator.share(of: heldOut, communicator) : heldOut
    totalTrainingRows = trainingRows.reduce(0, +)
    totalValidationRows = training.totalRows - totalTrainingRows
    let (shard, border) = (training.shard, heldOut.lowerBound)
    facts = try RowFacts(
      training, shard.clamped(to: 0..<border), training, shard.clamped(to: border..<max(border, shard.upperBound)),
      classes, isHeldOut: true, communicator)
    images = try TrainingImages.collected(from: training, shard.clamped(to: 0..<border), communicator)
  }

  private static func byWorkerIndex(_ count: Int, _ communicator: any Communicator) throws -> [Int] {
    let counts = try communicator.allGather(count)
    return communicator.topology.order.map { counts[$0] }
  }

  /// The sampler that the configuration asks for.
  func sampler(_ configuration: TrainingConfiguration) throws -> any Sampler {
    guard totalTrainingRows > 0, totalValidationRows > 0 else {
      throw Failure(
        .data,
        "\(training.totalRows) rows leave \(totalTrainingRows) to train on and \(totalValidationRows) to validate on; "
          + "both need at least one: choose another validation split, or more data")
    }
    guard configuration.shuffle == .shard else {
      return GlobalSampler(
        rows: totalTrainingRows, batchSize: configuration.batchSize,
        seed: configuration.shuffle == .global ? configuration.seed : nil, topology: topology, workerIndex: workerIndex)
    }
    let start = training.shard.lowerBound
    return ShardSampler(
      shard: start..<start + trainingRows[workerIndex], shardRows: trainingRows, batchSize: configuration.batchSize,
      seed: configuration.seed, topology: topology, workerIndex: workerIndex)
  }
}
