import Communication
import NeuralNet
import Platform

/// What the step keeps between two steps, whole on rank 0 and in slices with the workers.
extension TrainingStep {
  /// A copy of the parameters.
  func copyParameters() -> [Float] {
    Array(UnsafeBufferPointer(start: parameters, count: layout.paddedCount))
  }

  /// The parameters to evaluate and to keep, whole: their moving average where there is one. Collective.
  func parametersToEvaluate(_ communicator: any Communicator) throws -> [Float] {
    guard let average else { return copyParameters() }
    // Where every worker updates everything, it has everything.
    if average.values.count == layout.paddedCount { return average.values }
    let starts = try communicator.allGather(average.range.lowerBound)
    var whole = copyParameters()
    for (start, part) in zip(starts, try communicator.allGather(average.values)) {
      whole.replaceSubrange(start..<start + part.count, with: part)
    }
    return whole
  }

  private static let parametersName = "parameters"
  private static let averageName = "average"

  /// The names of the vectors that a state of a run of that configuration has.
  package static func vectorNames(_ configuration: TrainingConfiguration) -> [String] {
    [parametersName] + configuration.optimizer(configuration.architecture.layout).state.map(\.name)
      + (configuration.ema > 0 ? [averageName] : [])
  }

  /// The vectors of which each worker keeps its slice only.
  private var owned: [(name: String, values: ReferenceWritableKeyPath<TrainingStep, [Float]>)] {
    optimizer.state.enumerated().map { ($1.name, \.optimizer[$0]) }
      + (average == nil ? [] : [(Self.averageName, \.averageValues)])
  }

  private var averageValues: [Float] {
    get { average?.values ?? [] }
    set { average?.values = newValue }
  }

  /// All vectors, whole, on rank 0; nil elsewhere. Collective.
  func gatherVectors(_ communicator: any Communicator) throws -> [NamedVector]? {
    let range = optimizer.range
    // Where every worker keeps everything, rank 0 needs nothing from the others.
    let isShared = range.count == layout.paddedCount
    let starts = try communicator.allGather(range.lowerBound)
    var vectors = [NamedVector(name: Self.parametersName, values: copyParameters())]
    for (name, values) in owned {
      let mine = isShared && communicator.rank != 0 ? [] : self[keyPath: values]
      guard let parts = try communicator.gather(mine, root: 0) else { continue }
      var whole = [Float](repeating: 0, count: layout.paddedCount)
      for (start, part) in zip(starts, parts) { whole.replaceSubrange(start..<start + part.count, with: part) }
      vectors.append(NamedVector(name: name, values: whole))
    }
    return communicator.rank == 0 ? vectors : nil
  }

  /// Continues from rank 0's vectors, as after `stepsTaken` steps. Collective.
  func restore(_ state: TrainingState?, stepsTaken: Int, _ communicator: any Communicator) throws {
    func vector(_ name: String) throws -> [Float] {
      let values = try communicator.onRoot { try state?.vector(name) ?? [] } ?? []
      return try communicator.broadcast(fromRoot: values, root: 0)
    }
    try distribute(try vector(Self.parametersName))
    for (name, values) in owned { self[keyPath: values] = Array(try vector(name)[optimizer.range]) }
    self.stepsTaken = stepsTaken
    sealState()
  }
}

extension TrainingState {
  /// The values of one of the step's vectors.
  fileprivate func vector(_ name: String) throws -> [Float] {
    guard let vector = vectors.first(where: { $0.name == name }) else {
      throw Failure(.data, "the state of the run has no '\(name)'")
    }
    return vector.values
  }
}
