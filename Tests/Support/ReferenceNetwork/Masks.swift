/// The dropout masks of one sample: 0, or 1 / (1 - rate) where kept. Masks of the LSTMs hold for all time steps.
public struct SampleMasks: Sendable {
  /// [14][64]: after the pooling.
  public var pooling: [[Double]]
  /// [4][64]: on the first LSTM's input, one per gate (i, f, c, o).
  public var lstmInput: [[Double]]
  /// [4][64]: on the first LSTM's state, one per gate (i, f, c, o).
  public var lstmRecurrent: [[Double]]
  /// [64]: on the second LSTM's input. It has no recurrent dropout, therefore one mask for all gates.
  public var lstm1Input: [Double]
  /// [64]: after the dense layer.
  public var dense: [Double]

  /// No dropout.
  public static let ones = SampleMasks(
    pooling: [Double](repeating: 1, count: 14 * 64), lstmInput: [Double](repeating: 1, count: 4 * 64),
    lstmRecurrent: [Double](repeating: 1, count: 4 * 64), lstm1Input: [Double](repeating: 1, count: 64),
    dense: [Double](repeating: 1, count: 64))

  /// From flat masks: [14, 64], [4, 64], [4, 64], [64] and [64].
  public init(
    pooling: [Double], lstmInput: [Double], lstmRecurrent: [Double], lstm1Input: [Double], dense: [Double]
  ) {
    func rows(_ values: [Double]) -> [[Double]] {
      stride(from: 0, to: values.count, by: 64).map { Array(values[$0..<$0 + 64]) }
    }
    self.pooling = rows(pooling)
    self.lstmInput = rows(lstmInput)
    self.lstmRecurrent = rows(lstmRecurrent)
    self.lstm1Input = lstm1Input
    self.dense = dense
  }

  /// One per sample, from the flat masks of a batch: [count, 14, 64], [count, 4, 64], [count, 4, 64], [count, 64], [count, 64].
  public static func samples(
    pooling: [Float], lstmInput: [Float], lstmRecurrent: [Float], lstm1Input: [Float], dense: [Float]
  ) -> [SampleMasks] {
    func part(_ mask: [Float], _ n: Int, _ size: Int) -> [Double] { mask[n * size..<(n + 1) * size].map(Double.init) }
    return (0..<dense.count / 64).map { n in
      SampleMasks(
        pooling: part(pooling, n, 14 * 64), lstmInput: part(lstmInput, n, 4 * 64),
        lstmRecurrent: part(lstmRecurrent, n, 4 * 64), lstm1Input: part(lstm1Input, n, 64), dense: part(dense, n, 64))
    }
  }

  var lstm: LSTMLayer.Masks { LSTMLayer.Masks(input: lstmInput, state: lstmRecurrent) }

  var lstm1: LSTMLayer.Masks {
    let ones = [Double](repeating: 1, count: 64)
    return LSTMLayer.Masks(
      input: [[Double]](repeating: lstm1Input, count: 4), state: [[Double]](repeating: ones, count: 4))
  }
}
