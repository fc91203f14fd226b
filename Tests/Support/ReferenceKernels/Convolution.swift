extension ReferenceKernels {
  /// A convolution over [positions, samples, channels], by its windows.
  public struct Convolution: Sendable {
    /// The input position of each tap of each output position; nil outside the input.
    public let windows: [[Int?]]
    /// The samples, the channels of the input, and those of the output.
    public let samples: Int, channels: Int, columns: Int
    /// The distances between samples of the input, and of the output.
    public let inputStride: Int, outputStride: Int

    /// A convolution by these windows.
    public init(
      windows: [[Int?]], samples: Int, channels: Int, columns: Int, inputStride: Int, outputStride: Int
    ) {
      self.windows = windows
      self.samples = samples
      self.channels = channels
      self.columns = columns
      self.inputStride = inputStride
      self.outputStride = outputStride
    }

    private var taps: Int { windows[0].count }

    /// Calls `body` for every sample, output position and tap, in order, with where the rows begin; nil outside the input.
    private func forEachTap(_ body: (_ tap: Int, _ input: Int?, _ output: Int) -> Void) {
      for sample in 0..<samples {
        for (position, window) in windows.enumerated() {
          let output = (position * samples + sample) * outputStride
          for (tap, place) in window.enumerated() {
            body(tap, place.map { ($0 * samples + sample) * inputStride }, output)
          }
        }
      }
    }

    /// The element of a matrix of `depth` rows in panels of 64 columns.
    private func panel(_ row: Int, _ column: Int, depth: Int) -> Int {
      column / panelColumns * panelColumns * depth + row * panelColumns + column % panelColumns
    }

    /// max(bias + Σ x w, floor): one chain over taps and channels; a tap outside has zeros.
    public func forward(_ input: [Float], kernel: [Float], bias: [Float], floor: Float, into output: inout [Float]) {
      var sums = output
      for row in 0..<windows.count * samples {
        for column in 0..<columns { sums[row * outputStride + column] = bias[column] }
      }
      forEachTap { tap, place, at in
        for column in 0..<columns {
          for channel in 0..<channels {
            let weight = kernel[panel(tap * channels + channel, column, depth: taps * channels)]
            sums[at + column].addProduct(place.map { input[$0 + channel] } ?? 0, weight)
          }
        }
      }
      for row in 0..<windows.count * samples {
        for at in row * outputStride..<row * outputStride + columns where sums[at] < floor { sums[at] = floor }
      }
      output = sums
    }

    /// The gradients of kernel and bias: Σ x dy and Σ dy over samples and, within a sample, positions.
    public func weightGradients(
      _ input: [Float], _ dy: [Float], stride: Int, into kernel: inout [Float], bias: inout [Float]
    ) {
      var (sums, biases) = (kernel, [Float](repeating: 0, count: columns))
      for row in 0..<taps * channels { for column in 0..<columns { sums[row * stride + column] = 0 } }
      forEachTap { tap, place, at in
        for column in 0..<columns {
          if tap == 0 { biases[column] += dy[at + column] }
          for channel in 0..<channels {
            sums[(tap * channels + channel) * stride + column]
              .addProduct(place.map { input[$0 + channel] } ?? 0, dy[at + column])
          }
        }
      }
      (kernel, bias) = (sums, biases)
    }

    /// Adds the gradient with respect to the input: for every output position in order, a chain over its `filters`.
    ///
    /// - Parameters:
    ///   - width: the channels of the input gradient that are computed.
    ///   - transposed: for each tap the transposed kernel, [filters, width] in panels.
    public func addInputGradient(
      _ dy: [Float], filters: Int, width: Int, transposed: [[Float]], to dx: inout [Float]
    ) {
      var sums = dx
      forEachTap { tap, place, at in
        guard let place else { return }
        for channel in 0..<width {
          var sum: Float = 0
          for filter in 0..<filters {
            sum.addProduct(dy[at + filter], transposed[tap][panel(filter, channel, depth: filters)])
          }
          sums[place + channel] += sum
        }
      }
      dx = sums
    }
  }
}
