/// Softmax and categorical cross-entropy of one sample from its logits, as in Keras with `from_logits=True`.
///
///     p = e^(x - max x) / Σ e^(x - max x)       loss = log Σ e^(x - max x) - (x_label - max x)
///
/// - Parameters:
///   - logits: `classes` numbers, in whole vectors of 16. Replaced by the probabilities; the other columns become 0.
///   - label: the true class.
///   - smoothing: the label smoothing a, as in Keras: the target is (1 - a) one-hot + a / classes. 0 is exactly the loss
///     above.
/// - Returns: the loss in nats, and the class of the largest logit (of equal ones the first).
public func softmaxCrossEntropy(
  _ logits: UnsafeMutablePointer<Float>, classes: Int, label: Int, smoothing: Float = 0
) -> (loss: Float, prediction: Int) {
  var prediction = 0
  for column in 1..<classes where logits[column] > logits[prediction] { prediction = column }
  let largest = logits[prediction]
  var target = logits[label] - largest
  if smoothing > 0 {
    var all: Float = 0
    for column in 0..<classes { all += logits[column] - largest }
    target = (1 - smoothing) * target + smoothing / Float(classes) * all
  }
  let columns = (classes &+ 15) / 16 &* 16
  for column in vectors(columns) {
    Elementary.exp(Lanes.load(logits + column) - Lanes(repeating: largest)).store(logits + column)
  }
  var sum: Float = 0
  for column in 0..<classes { sum += logits[column] }
  for column in 0..<columns { logits[column] = column < classes ? logits[column] / sum : 0 }
  return (naturalLogarithm(sum) - target, prediction)
}
