extension TrainingConfiguration {
  /// Whether a field has a part in a run of this configuration, by its name: what only some networks, schedules or choices of an
  /// epoch look at is without effect in others.
  package func uses(_ field: String) -> Bool {
    let choosesEpoch = patience != nil || keep == .best
    return switch field {
    case "stepEpochs", "stepFactor": schedule == .step
    case "dropout", "recurrentDropout": network == nil
    case "monitor": choosesEpoch || schedule == .plateau
    case "minDelta": choosesEpoch
    default: !field.hasPrefix("plateau") || schedule == .plateau
    }
  }
}
