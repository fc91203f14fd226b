import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("LSTM and GRU cells and softmax have the scalar twins' bits", .tags(.bits))
struct CellTests {
  static let count = 8 * 64

  /// The gates' sums [4, stride], with a gap between the gates.
  static let stride = count + 32

  @Test(arguments: [false, true], [false, true])
  func `An LSTM cell's time step, forward and backward`(first: Bool, edges: Bool) {
    let (count, stride) = (Self.count, Self.stride)
    let sums = edges ? Inputs.numbersWithEdges(1, 4 * stride, scale: 8) : Inputs.numbers(1, 4 * stride, scale: 8)
    let previous = first ? [Float](repeating: 0, count: count) : Inputs.numbers(2, count, scale: 2)
    let outputGradient = Inputs.numbers(3, count)
    let cellGradient = Inputs.numbers(4, count)
    let cells = (0..<count).map { n in
      ReferenceKernels.Cell(
        sums: SIMD4(sums[n], sums[stride + n], sums[2 * stride + n], sums[3 * stride + n]), previous: previous[n])
    }
    let backward = (0..<count).map { n in
      cells[n].backward(previous: previous[n], outputGradient: outputGradient[n], cellGradient: cellGradient[n])
    }

    var (gates, cell, cellTanh, carried) = (sums, previous, previous, cellGradient)
    let h = previous.withUnsafeBufferPointer { previous in
      gates.withUnsafeMutableBufferPointer { gates in
        cell.withUnsafeMutableBufferPointer { cell in
          cellTanh.withUnsafeMutableBufferPointer { cellTanh in
            let buffers = LSTMCellBuffers(
              gates: gates.baseAddress!, gateStride: stride, previousCell: first ? nil : previous.baseAddress!,
              cell: cell.baseAddress!, cellTanh: cellTanh.baseAddress!)
            let h = output(count) { lstmCellForward(buffers, output: $0, count: count) }
            for gate in 0..<4 {
              expectSameBits(
                Array(gates[gate * stride..<gate * stride + count]), cells.map { $0.gates[gate] }, "gate \(gate)")
            }
            lstmCellBackward(buffers, outputGradient: outputGradient, cellGradient: &carried, count: count)
            return h
          }
        }
      }
    }
    expectSameBits(h, cells.map(\.output), "h")
    expectSameBits(cell, cells.map(\.cell), "c")
    expectSameBits(cellTanh, cells.map(\.cellTanh), "tanh c")
    expectSameBits(carried, backward.map(\.previous), "gradient by c")
    for gate in 0..<4 {
      let block = gate * stride..<gate * stride + count
      expectSameBits(Array(gates[block]), backward.map { $0.sums[gate] }, "gradient by the sums of gate \(gate)")
      let gap = block.upperBound..<(gate + 1) * stride
      expectSameBits(Array(gates[gap]), Array(sums[gap]), "the gap after gate \(gate)")
    }
  }

  @Test(arguments: [false, true], [false, true])
  func `A GRU cell's time step, forward and backward`(first: Bool, edges: Bool) {
    let (count, stride) = (Self.count, Self.stride)
    let sums = edges ? Inputs.numbersWithEdges(1, 4 * stride, scale: 8) : Inputs.numbers(1, 4 * stride, scale: 8)
    let previous = first ? [Float](repeating: 0, count: count) : Inputs.numbers(2, count)
    let outputGradient = Inputs.numbers(3, count)
    let cells = (0..<count).map { n in
      ReferenceKernels.GRUCell(
        sums: SIMD4(sums[n], sums[stride + n], sums[2 * stride + n], sums[3 * stride + n]), previous: previous[n])
    }
    let backward = (0..<count).map { cells[$0].backward(previous: previous[$0], outputGradient: outputGradient[$0]) }

    var (gates, carried) = (sums, outputGradient)
    let h = previous.withUnsafeBufferPointer { previous in
      gates.withUnsafeMutableBufferPointer { gates in
        let buffers = GRUCellBuffers(
          gates: gates.baseAddress!, gateStride: stride, previousOutput: first ? nil : previous.baseAddress!)
        let h = output(count) { gruCellForward(buffers, output: $0, count: count) }
        for (block, expected) in [cells.map(\.z), cells.map(\.r), cells.map(\.candidate), cells.map(\.inner)]
          .enumerated()
        {
          expectSameBits(Array(gates[block * stride..<block * stride + count]), expected, "block \(block)")
        }
        gruCellBackward(buffers, outputGradient: &carried, count: count)
        return h
      }
    }
    expectSameBits(h, cells.map(\.output), "h")
    expectSameBits(carried, backward.map(\.previous), "gradient by the previous h")
    for gate in 0..<4 {
      let block = gate * stride..<gate * stride + count
      expectSameBits(Array(gates[block]), backward.map { $0.sums[gate] }, "gradient by the sums of block \(gate)")
      let gap = block.upperBound..<(gate + 1) * stride
      expectSameBits(Array(gates[gap]), Array(sums[gap]), "the gap after block \(gate)")
    }
  }

  @Test(arguments: [(25, 0), (25, 24), (2, 1), (64, 63), (10, 9), (16, 0), (17, 16), (1000, 517)])
  func `Softmax and cross-entropy`(_ classes: Int, _ label: Int) {
    for scale: Float in [0, 1, 30, 200, 1e30] {
      let logits = Inputs.numbers(UInt32(classes), (classes + 15) / 16 * 16, scale: scale)
      let expected = ReferenceKernels.softmaxCrossEntropy(logits, classes: classes, label: label)
      var found = (loss: Float(0), prediction: -1)
      let probabilities = output(logits.count, from: logits) {
        found = softmaxCrossEntropy($0, classes: classes, label: label)
      }
      expectSameBits(probabilities, expected.probabilities, "probabilities at scale \(scale)")
      expectSameBits([found.loss], [expected.loss], "loss at scale \(scale)")
      #expect(found.prediction == expected.prediction)
    }
  }

  @Test(arguments: [(25, 0), (25, 24), (2, 1), (64, 63), (10, 9), (16, 0), (17, 16), (1000, 517)])
  func `Smoothed labels change the loss alone`(_ classes: Int, _ label: Int) {
    for (scale, smoothing) in [(0, 0.1), (1, 0.05), (30, 0.5)] as [(Float, Float)] {
      let logits = Inputs.numbers(UInt32(classes), (classes + 15) / 16 * 16, scale: scale)
      let expected = ReferenceKernels.softmaxCrossEntropy(logits, classes: classes, label: label, smoothing: smoothing)
      var loss: Float = 0
      let probabilities = output(logits.count, from: logits) {
        loss = softmaxCrossEntropy($0, classes: classes, label: label, smoothing: smoothing).loss
      }
      let plain = ReferenceKernels.softmaxCrossEntropy(logits, classes: classes, label: label)
      expectSameBits(probabilities, plain.probabilities, "probabilities at scale \(scale)")
      expectSameBits([loss], [expected.loss], "loss at scale \(scale)")
      #expect(scale == 0 || loss != plain.loss, "smoothing does nothing")
    }
  }

  @Test func `A NaN reaches the loss`() {
    // Weights that diverged must not look trained.
    var logits = Inputs.numbers(1, 64)
    logits[7] = .nan
    #expect(softmaxCrossEntropy(&logits, classes: 25, label: 3).loss.isNaN)
  }
}
