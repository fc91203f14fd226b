/// Softmax and categorical cross-entropy of one sample, from its logits, as Keras computes it where it knows them.
///
///     p = e^(x - max x) / Σ e^(x - max x)       loss = log Σ e^(x - max x) - (x_label - max x)
///
/// - Parameters:
///   - logits: 64 columns, of which the first `classes` count. Becomes the probabilities; the other columns become 0.
///   - label: the true class.
///   - smoothing: a; the loss is then against (1 - a) for the true class and a / classes for every class, as Keras'
///     `label_smoothing` has it. 0 gives the very loss above.
/// - Returns: the loss, and the class of the largest logit (the first of equals).
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
  forEachVector(panelColumns) { column in
    Elementary.exp(Lanes.load(logits + column) - Lanes(repeating: largest)).store(logits + column)
  }
  var sum: Float = 0
  for column in 0..<classes { sum += logits[column] }
  for column in 0..<panelColumns { logits[column] = column < classes ? logits[column] / sum : 0 }
  return (naturalLogarithm(sum) - target, prediction)
}
