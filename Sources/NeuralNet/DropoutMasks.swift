import Kernels

/// The dropout masks of a micro-batch: values 0 or 1 / (1 - rate). The LSTMs' masks are drawn once per sample and shared
/// by all time steps.
///
/// A sample's masks are groups of 64 values, numbered in this order: 14 after the pooling, the first LSTM's input (4
/// gates with recurrent dropout, else 1), its state (4 gates), the second LSTM's input, and after the dense layer. A
/// pointer is nil if its rate is 0.
public struct DropoutMasks {
  /// After the pooling, [T, 8, F].
  public let pooling: UnsafeMutablePointer<Float>?
  /// The first LSTM's input, [4 or 1, 8, F].
  public let firstInput: UnsafeMutablePointer<Float>?
  /// The first LSTM's state, [4, 8, F].
  public let firstRecurrent: UnsafeMutablePointer<Float>?
  /// The second LSTM's input, [8, F].
  public let secondInput: UnsafeMutablePointer<Float>?
  /// After the dense layer, [8, F].
  public let dense: UnsafeMutablePointer<Float>?

  let rates: DropoutRates

  /// The number of masks for the first LSTM's input.
  var firstInputMasks: Int { rates.firstRecurrent > 0 ? NetworkDefinition.gates : 1 }

  init(rates: DropoutRates, workspace: Workspace) {
    self.rates = rates
    func masks(_ rate: Float, _ count: Int) -> UnsafeMutablePointer<Float>? {
      rate > 0 ? workspace.take(count * MicroBatch.size * NetworkDefinition.features) : nil
    }
    pooling = masks(rates.pooling, NetworkDefinition.timeSteps)
    firstInput = masks(rates.firstInput, rates.firstRecurrent > 0 ? NetworkDefinition.gates : 1)
    firstRecurrent = masks(rates.firstRecurrent, NetworkDefinition.gates)
    secondInput = masks(rates.secondInput, 1)
    dense = masks(rates.dense, 1)
  }

  /// Draws the masks for sample `sample` of the micro-batch: those of `key`'s row in its data epoch.
  func draw(_ key: RowKey, sample: Int) {
    var group = 0
    func fill(_ masks: UnsafeMutablePointer<Float>?, _ rate: Float, _ count: Int) {
      guard let masks else { return }
      for mask in 0..<count {
        let target = masks + (mask * MicroBatch.size + sample) * NetworkDefinition.features
        dropoutMask(key, group: group + mask, rate: rate, into: target)
      }
      group += count
    }
    fill(pooling, rates.pooling, NetworkDefinition.timeSteps)
    fill(firstInput, rates.firstInput, firstInputMasks)
    fill(firstRecurrent, rates.firstRecurrent, NetworkDefinition.gates)
    fill(secondInput, rates.secondInput, 1)
    fill(dense, rates.dense, 1)
  }
}
