import Benchmark
import Kernels
import ReferenceKernels

/// All kernels except products, on the shapes of a micro-batch of 8 samples.
func pointwiseKernels() {
  cells()
  pooling()
  beside(
    "Dropout mask of 64 numbers", [Float](repeating: 0, count: 64),
    { dropoutMask(RowKey(seed: 1, epoch: 2, row: 3), group: 4, rate: 0.3, into: &$0) },
    twin: { $0 = ReferenceKernels.dropoutMask(seed: 1, epoch: 2, row: 3, group: 4, rate: 0.3) })
  augmentation()
  beside(
    "Softmax cross-entropy of 24 classes", numbers(64),
    { logits in blackHole(softmaxCrossEntropy(&logits, classes: 24, label: 5)) },
    twin: { $0 = ReferenceKernels.softmaxCrossEntropy($0, classes: 24, label: 5).probabilities })
  adam()
  let block = numbers(64 * 64)
  beside(
    "Transpose 64 x 64", block,
    { transposeBlock(block, stride: 64, into: &$0, stride: 64, rows: 64, columns: 64) },
    twin: { target in
      for row in 0..<64 { for column in 0..<64 { target[column * 64 + row] = block[row * 64 + column] } }
    })
  let rows = numbers(112 * 64)
  let zeros = [Float](repeating: 0, count: 64)
  beside(
    "Column sums of 112 x 64", zeros, { sumRows(rows, count: 112, into: &$0) },
    twin: { $0 = ReferenceKernels.sumRows(rows, count: 112, from: zeros) })
}

/// A kernel that changes a state in place, and its twin; both must give the same result from the same state before they are timed.
func beside<State: Equatable & Sendable>(
  _ name: String, _ start: State, _ kernel: @escaping @Sendable (inout State) -> Void,
  twin: @escaping @Sendable (inout State) -> Void
) {
  var (found, expected) = (start, start)
  kernel(&found)
  twin(&expected)
  precondition(found == expected, "\(name) differs from its twin")

  Benchmark(name) { benchmark in
    var state = start
    for _ in benchmark.scaledIterations {
      kernel(&state)
      blackHole(state)
    }
  }
  Benchmark(name + ", scalar twin", configuration: .init(scalingFactor: .one)) { benchmark in
    var state = start
    for _ in benchmark.scaledIterations {
      twin(&state)
      blackHole(state)
    }
  }
}

/// What an LSTM time step reads and writes, for 8 x 64 units.
private struct CellState: Equatable, Sendable {
  static let count = 8 * 64
  var gates = numbers(4 * count)
  var previous = numbers(count)
  var cell = numbers(count), cellTanh = numbers(count), output = numbers(count), cellGradient = numbers(count)

  mutating func forward() {
    gates.withUnsafeMutableBufferPointer { gates in
      previous.withUnsafeBufferPointer { previous in
        cell.withUnsafeMutableBufferPointer { cell in
          cellTanh.withUnsafeMutableBufferPointer { cellTanh in
            lstmCellForward(
              LSTMCellBuffers(
                gates: gates.baseAddress!, gateStride: Self.count, previousCell: previous.baseAddress!,
                cell: cell.baseAddress!, cellTanh: cellTanh.baseAddress!), output: &output, count: Self.count)
          }
        }
      }
    }
  }

  mutating func backward() {
    gates.withUnsafeMutableBufferPointer { gates in
      previous.withUnsafeBufferPointer { previous in
        cell.withUnsafeMutableBufferPointer { cell in
          cellTanh.withUnsafeMutableBufferPointer { cellTanh in
            lstmCellBackward(
              LSTMCellBuffers(
                gates: gates.baseAddress!, gateStride: Self.count, previousCell: previous.baseAddress!,
                cell: cell.baseAddress!, cellTanh: cellTanh.baseAddress!),
              outputGradient: output, cellGradient: &cellGradient, count: Self.count)
          }
        }
      }
    }
  }

  /// The gates of unit n.
  func unit(_ n: Int) -> SIMD4<Float> {
    SIMD4(gates[n], gates[Self.count + n], gates[2 * Self.count + n], gates[3 * Self.count + n])
  }

  mutating func setUnit(_ n: Int, _ values: SIMD4<Float>) {
    for gate in 0..<4 { gates[gate * Self.count + n] = values[gate] }
  }

  mutating func twinForward() {
    for n in 0..<Self.count {
      let after = ReferenceKernels.Cell(sums: unit(n), previous: previous[n])
      setUnit(n, after.gates)
      (cell[n], cellTanh[n], output[n]) = (after.cell, after.cellTanh, after.output)
    }
  }

  mutating func twinBackward() {
    for n in 0..<Self.count {
      var unitBefore = ReferenceKernels.Cell(sums: SIMD4(), previous: 0)
      (unitBefore.gates, unitBefore.cellTanh) = (unit(n), cellTanh[n])
      let gradient = unitBefore.backward(
        previous: previous[n], outputGradient: output[n], cellGradient: cellGradient[n])
      setUnit(n, gradient.sums)
      cellGradient[n] = gradient.previous
    }
  }
}

private func cells() {
  beside("LSTM cell forward, 8 x 64", CellState(), { $0.forward() }, twin: { $0.twinForward() })
  var after = CellState()
  after.forward()
  let (gates, carried) = (after.gates, after.cellGradient)
  // Backward overwrites what it reads. Its input is restored each time (which is included in the time); without that it would end
  // in denormals.
  beside(
    "LSTM cell backward, 8 x 64", after,
    { state in
      restore(&state.gates, gates)
      restore(&state.cellGradient, carried)
      state.backward()
    },
    twin: { state in
      restore(&state.gates, gates)
      restore(&state.cellGradient, carried)
      state.twinBackward()
    })
}

private func restore(_ target: inout [Float], _ source: [Float]) {
  target.withUnsafeMutableBufferPointer { target in
    source.withUnsafeBufferPointer { target.baseAddress!.update(from: $0.baseAddress!, count: $0.count) }
  }
}

private struct PoolState: Equatable, Sendable {
  var pooled = numbers(14 * 64), even = numbers(14 * 64), odd = numbers(14 * 64)
}

/// Pools 28 rows of a sample's convolution to 14, and propagates the gradient back.
private func pooling() {
  let count = 14 * 64
  let (rows, mask) = (numbers(2 * count), numbers(count).map { $0 < -0.4 ? 0 : 1 / 0.7 as Float })
  let start = PoolState()
  beside(
    "Pooling forward, 28 x 64", start,
    {
      poolPairs(
        rows, count: count, mask: mask, into: &$0.pooled, evenFactor: &$0.even, oddFactor: &$0.odd, stride: 64)
    },
    twin: { state in
      for n in 0..<count {
        let index = n / 64 * 128 + n % 64
        (state.pooled[n], state.even[n], state.odd[n]) = ReferenceKernels.poolPair(
          rows[index], rows[index + 64], factor: mask[n])
      }
    })
  beside(
    "Pooling backward, 28 x 64", rows,
    {
      poolPairsBackward(
        start.pooled, count: count, evenFactor: start.even, oddFactor: start.odd, stride: 64, into: &$0)
    },
    twin: { rows in
      for n in 0..<count {
        let index = n / 64 * 128 + n % 64
        rows[index] = start.pooled[n] * start.even[n]
        rows[index + 64] = start.pooled[n] * start.odd[n]
      }
    })
}

/// Augmentation of an image: without and with noise, with blur, and with everything; then its standardisation.
private func augmentation() {
  let shape = ImageShape(height: 28, width: 28)
  let memory = UnsafeMutableRawPointer.allocate(byteCount: ImageScratch.byteCount(shape), alignment: 64)
  memory.initializeMemory(as: UInt8.self, repeating: 0, count: ImageScratch.byteCount(shape))
  // Kept for as long as the benchmarks run.
  nonisolated(unsafe) let scratch = ImageScratch(shape, memory: memory)
  let image = (0..<shape.count).map { UInt8(truncatingIfNeeded: $0 * 37 / 5) }
  let map = AffineMap(rotation: 0.15, zoom: 1.1, shift: SIMD2(1.5, -2.2), in: shape)
  let lightingGradient = SIMD2<Float>(2.5, -1)
  for (name, noise, blur, isAll) in [
    ("", 0, 0, false), (" and noise", 20, 0, false), (", noise and blur", 20, 0.7, false),
    (" and all others", 20, 0.7, true),
  ] as [(String, Float, Float, Bool)] {
    var (change, twin) = (ImageChange(), ReferenceKernels.Change())
    (change.geometry, change.contrast, change.brightness) = (map, 1.2, -20)
    (twin.map, twin.contrast, twin.brightness) = ((map.ux, map.uy, map.u0, map.vx, map.vy, map.v0), 1.2, -20)
    (change.noise, change.blur) = (noise, blur)
    (twin.noise, twin.blur) = (noise, blur)
    if isAll {
      (change.padding, change.lightingGradient) = (60, lightingGradient)
      (twin.padding, twin.slope) = (60, lightingGradient)
      change.cutout = Cutout(left: 5, top: 9, width: 8, height: 7, gray: 200)
      twin.cutout = (5, 9, 8, 7, 200)
    }
    let (fixed, fixedTwin) = (change, twin)
    beside(
      "Augmentation: geometry, photometric jitter" + name, image,
      { augmentImage(image, shape, fixed, RowKey(seed: 1, epoch: 2, row: 3), scratch: scratch, into: &$0) },
      twin: {
        $0 = ReferenceKernels.augment(
          image, ReferenceKernels.ImageSize(height: 28, width: 28), fixedTwin, seed: 1, epoch: 2, row: 3)
      })
  }
  beside(
    "Standardisation of an image", [Float](repeating: 0, count: shape.count),
    { standardizeImage(image, into: &$0, count: shape.count) },
    twin: { $0 = ReferenceKernels.standardize(image) })
}

private struct AdamState: Equatable, Sendable {
  var parameters = numbers(4096)
  var moment1 = [Float](repeating: 0, count: 4096), moment2 = [Float](repeating: 0, count: 4096)
}

private func adam() {
  let gradient = numbers(4096)
  let constants = AdamConstants(
    gradientScale: 1 / 32, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, epsilon: 1e-7, rate: 0.001)
  beside(
    "Adam, 4096 parameters", AdamState(),
    {
      adamStep(
        constants, gradient: gradient, parameters: &$0.parameters, moment1: &$0.moment1, moment2: &$0.moment2,
        count: 4096)
    },
    twin: { state in
      for n in 0..<4096 {
        ReferenceKernels.adamStep(
          scale: 1 / 32, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, epsilon: 1e-7, rate: 0.001, gradient: gradient[n],
          parameter: &state.parameters[n], moment1: &state.moment1[n], moment2: &state.moment2[n])
      }
    })
}
