import Kernels

/// The categorical cross-entropy of one sample, with Keras' label smoothing and class weights.
struct CrossEntropy {
  let classes: Int
  /// The label smoothing factor, 0 for none.
  let labelSmoothing: Float
  /// A factor of the loss for each class; nil for none.
  let classWeights: [Float]?

  /// The loss and the prediction of a sample, whose logits are replaced by the probabilities.
  func evaluate(_ logits: UnsafeMutablePointer<Float>, label: Int) -> SampleResult {
    let (loss, prediction) = softmaxCrossEntropy(logits, classes: classes, label: label, smoothing: labelSmoothing)
    return SampleResult(loss: classWeights.map { $0[label] * loss } ?? loss, prediction: Int32(prediction))
  }

  /// The gradient with respect to the logits, p - y, in `count` numbers.
  func gradient(
    _ probabilities: UnsafePointer<Float>, label: Int, into gradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    gradient.update(from: probabilities, count: count)
    let smoothed = labelSmoothing / Float(classes)
    if smoothed > 0 { for column in 0..<classes { gradient[column] -= smoothed } }
    gradient[label] -= 1 - labelSmoothing
    guard let classWeights else { return }
    for column in 0..<classes { gradient[column] *= classWeights[label] }
  }
}
