import Kernels

/// Conv1D(64, 3, relu, same) + MaxPooling1D(2) + Dropout.
///
///     s[r, f] = bias[f] + Σ_{k, c} x[r + k - 1, c] kernel[k, c, f]        x is zero outside the image
///     y[t, f] = max(relu(s[2t, f]), relu(s[2t + 1, f])) · mask[t, f]
///
/// The image is padded with a row of zeros above and below, so the three rows of a window are 84 consecutive numbers: the
/// convolution is one matrix product over overlapping windows, without a copy.
struct ConvolutionLayer {
  static let window = NetworkDefinition.kernelSize * NetworkDefinition.imageColumns
  static let imageStride = (NetworkDefinition.imageRows + 2) * NetworkDefinition.imageColumns

  let samples: Int
  /// The padded images, [B, R + 2, 28].
  let images: UnsafeMutablePointer<Float>
  /// The pre-activations s of one sample, [R, F].
  let sums: UnsafeMutablePointer<Float>
  /// The layer's output, [T, B, F].
  let output: UnsafeMutablePointer<Float>
  /// The backward factors of even and odd rows, [T, B, F]; nil without a backward pass.
  let factors: (even: UnsafeMutablePointer<Float>, odd: UnsafeMutablePointer<Float>)?

  init(samples: Int, trains: Bool, workspace: Workspace) {
    let features = NetworkDefinition.features
    self.samples = samples
    images = workspace.take(samples * Self.imageStride)
    sums = workspace.take(NetworkDefinition.imageRows * features)
    let pooled = NetworkDefinition.timeSteps * samples * features
    output = workspace.take(pooled)
    factors = trains ? (workspace.take(pooled), workspace.take(pooled)) : nil
  }

  /// The distance between the time steps of `output`, in elements.
  private var timeStepStride: Int { samples * NetworkDefinition.features }

  private func shape(rows: Int, depth: Int, rowStride: Int, depthStride: Int) -> ProductShape {
    ProductShape(rows: rows, depth: depth, rowStride: rowStride, depthStride: depthStride)
  }

  /// Preprocesses the image of sample `sample`, 784 bytes, into `images`.
  func load(_ pixels: UnsafePointer<UInt8>, _ preprocessing: Preprocessing, sample: Int) {
    preprocessing.apply(pixels, into: images + sample * Self.imageStride + NetworkDefinition.imageColumns)
  }

  func forward(_ weights: Weights, mask: UnsafePointer<Float>?) {
    let features = NetworkDefinition.features
    let shape = shape(
      rows: NetworkDefinition.imageRows, depth: Self.window, rowStride: NetworkDefinition.imageColumns, depthStride: 1)
    for sample in 0..<samples {
      multiply(shape, images + sample * Self.imageStride, weights.kernel, bias: weights.bias, into: sums)
      let at = sample * features
      poolPairs(
        sums, count: NetworkDefinition.timeSteps * features, mask: mask.map { $0 + at }, into: output + at,
        evenFactor: factors.map { $0.even + at }, oddFactor: factors.map { $0.odd + at }, stride: timeStepStride)
    }
  }

  /// - Parameter outputGradient: the gradient with respect to the output, [T, B, F].
  func backward(_ outputGradient: UnsafePointer<Float>, into gradient: Gradient) {
    guard let factors else { preconditionFailure("a layer planned for inference has no backward pass") }
    let features = NetworkDefinition.features
    let shape = shape(
      rows: Self.window, depth: NetworkDefinition.imageRows, rowStride: 1, depthStride: NetworkDefinition.imageColumns)
    for sample in 0..<samples {
      let at = sample * features
      poolPairsBackward(
        outputGradient + at, count: NetworkDefinition.timeSteps * features, evenFactor: factors.even + at,
        oddFactor: factors.odd + at, stride: timeStepStride, into: sums)
      let image = images + sample * Self.imageStride
      if sample == 0 {
        multiply(shape, image, sums, into: gradient.kernel)
        sumRows(sums, count: NetworkDefinition.imageRows, into: gradient.bias)
      } else {
        multiplyAccumulating(shape, image, sums, into: gradient.kernel)
        addRows(sums, count: NetworkDefinition.imageRows, to: gradient.bias)
      }
    }
  }

  /// The kernel as a [84, F] panel, and the bias, [F].
  struct Weights {
    let kernel: UnsafePointer<Float>
    let bias: UnsafePointer<Float>

    init(_ parameters: UnsafePointer<Float>, _ offsets: LayerOffsets) {
      kernel = parameters + offsets.kernel
      bias = parameters + offsets.bias
    }
  }

  /// The layer's part of a flat gradient buffer.
  struct Gradient {
    let kernel: UnsafeMutablePointer<Float>
    let bias: UnsafeMutablePointer<Float>

    init(_ gradient: UnsafeMutablePointer<Float>, _ offsets: LayerOffsets) {
      kernel = gradient + offsets.kernel
      bias = gradient + offsets.bias
    }
  }
}
