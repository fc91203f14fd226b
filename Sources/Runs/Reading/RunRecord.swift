import FoundationEssentials
import Platform
import Training

/// What a run folder says about its run, read again: by whoever reports it.
public struct RunRecord: Sendable {
  /// Why something is not there.
  public enum Absence: Hashable, Sendable {
    /// The run was not ended: it is in progress, or was stopped.
    case outcome
    /// No epoch was complete.
    case epochs
    /// evaluation.json is not there.
    case examination
    /// evaluation.json is of other weights than the run's best.
    case examinationOfOthers
    /// test.json is of other weights.
    case testOfOthers
  }

  /// The folder's name.
  public let name: String
  /// run.json.
  public let description: RunDescription
  /// metrics.csv.
  public let epochs: [EpochMetrics]
  /// evaluation.json.
  public let examination: Examination?
  /// test.json: what `evaluate` wrote.
  public let test: StoredEvaluation?
  /// What is missing.
  public let absences: [Absence]

  /// The parts of a record.
  public init(
    name: String, description: RunDescription, epochs: [EpochMetrics], examination: Examination?,
    test: StoredEvaluation?
  ) {
    self.name = name
    self.description = description
    self.epochs = epochs
    var absences: [Absence] = description.outcome == nil ? [.outcome] : []
    if epochs.isEmpty { absences.append(.epochs) }
    let best = Self.bestEpoch(description, epochs)
    let digest = best.map { epochs[$0 - 1].parametersSHA256 }
    let isExamined = examination.map { $0.parametersSHA256 == digest } ?? false
    self.examination = isExamined ? examination : nil
    if !isExamined { absences.append(examination == nil ? .examination : .examinationOfOthers) }
    let isTested = test.map { $0.parametersSHA256 == nil || $0.parametersSHA256 == digest } ?? false
    self.test = isTested ? test : nil
    if test != nil, !isTested { absences.append(.testOfOthers) }
    self.absences = absences
  }

  /// The epoch whose weights are the result, or would be if the run ended now; nil if no epoch was complete.
  public var bestEpoch: Int? { Self.bestEpoch(description, epochs) }

  /// The metrics of that epoch.
  public var best: EpochMetrics? { bestEpoch.map { epochs[$0 - 1] } }

  private static func bestEpoch(_ description: RunDescription, _ epochs: [EpochMetrics]) -> Int? {
    if let outcome = description.outcome, (1...max(1, epochs.count)).contains(outcome.bestEpoch), !epochs.isEmpty {
      return outcome.bestEpoch
    }
    let configuration = description.configuration
    guard configuration.keep == .best else { return epochs.last?.epoch }
    var best: (epoch: Int, value: Double)?
    for metrics in epochs {
      let value = metrics.value(of: configuration.monitor)
      guard configuration.monitor.improves(value, on: best?.value, by: configuration.minDelta) else { continue }
      best = (metrics.epoch, value)
    }
    return best?.epoch
  }
}

extension EpochMetrics {
  fileprivate func value(of monitor: Monitor) -> Double {
    switch monitor {
    case .validationLoss: validationLoss
    case .validationAccuracy: validationAccuracy
    case .loss: loss
    case .accuracy: accuracy
    }
  }
}
