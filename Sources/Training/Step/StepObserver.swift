/// Watches a training step from inside: where the time goes, or whether a gradient can be computed twice.
///
/// A step is generic over its observer, so that one that does nothing costs nothing.
package protocol StepObserver {
  /// A phase of the step has ended.
  mutating func phaseEnded(_ phase: TrainingStep.Phase)

  /// This worker has computed the gradient of that micro-batch.
  mutating func gradientComputed(_ microBatch: Int, _ gradient: UnsafePointer<Float>)

  /// This worker has computed the gradients of all its micro-batches, and nothing is added up yet. May be collective.
  mutating func gradientsComputed() throws
}

extension StepObserver {
  /// Does nothing.
  package mutating func phaseEnded(_ phase: TrainingStep.Phase) {}
  /// Does nothing.
  package mutating func gradientComputed(_ microBatch: Int, _ gradient: UnsafePointer<Float>) {}
  /// Does nothing.
  package mutating func gradientsComputed() throws {}
}

/// Watches nothing.
package struct NoObserver: StepObserver {
  /// An observer that does nothing.
  package init() {}
}
