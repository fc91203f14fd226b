import Glibc

/// A LSTM over one sequence, gates in Keras' order i, f, c, o.
///
///     z_g = (m_g * x_t) W_g + (r_g * h_(t-1)) U_g + b_g        for each gate g, with masks m_g and r_g (ones: no dropout)
///     i, f, o = sigmoid(z_i, z_f, z_o);  u = tanh(z_c)
///     c_t = f * c_(t-1) + i * u
///     h_t = o * tanh(c_t)                                       with h_(-1) = c_(-1) = 0
struct LSTMLayer {
  /// W, a gate at a time: each [inputs, units].
  var kernel: [Matrix]
  /// U, a gate at a time: each [units, units].
  var recurrentKernel: [Matrix]
  /// b, a gate at a time: each [units].
  var bias: [[Double]]

  /// The masks of one sample, which hold for all its time steps: one per gate.
  struct Masks {
    /// m_g: [4][inputs].
    var input: [[Double]]
    /// r_g: [4][units].
    var state: [[Double]]
  }

  /// What the forward pass of one time step leaves for the backward pass; every vector is [units], x [inputs].
  struct Step {
    let x, previousH, previousC: [Double]
    let i, f, u, o: [Double]
    let c, h: [Double]
  }

  /// The steps over `sequence` [steps][inputs].
  func forward(_ sequence: [[Double]], masks: Masks) -> [Step] {
    let zeros = [Double](repeating: 0, count: bias[0].count)
    var steps: [Step] = []
    for x in sequence {
      let h = steps.last?.h ?? zeros
      let c = steps.last?.c ?? zeros
      let z = (0..<4).map { g in
        (masks.input[g] * x) * kernel[g] + (masks.state[g] * h) * recurrentKernel[g] + bias[g]
      }
      let (i, f, u, o) = (z[0].map(sigmoid), z[1].map(sigmoid), z[2].map(tanh), z[3].map(sigmoid))
      let nextC = f * c + i * u
      steps.append(
        Step(x: x, previousH: h, previousC: c, i: i, f: f, u: u, o: o, c: nextC, h: o * nextC.map(tanh)))
    }
    return steps
  }

  /// Adds the gradients of the parameters to `gradient`, given those of every h_t ([steps][units]), and returns those of
  /// the sequence ([steps][inputs]).
  func backward(
    _ steps: [Step], masks: Masks, outputGradients: [[Double]], into gradient: inout LSTMLayer
  ) -> [[Double]] {
    var dh = [Double](repeating: 0, count: bias[0].count)  // what later steps ask of h_t and of c_t
    var dc = dh
    var inputGradients: [[Double]] = []
    for t in steps.indices.reversed() {
      let s = steps[t]
      let tanhC = s.c.map(tanh)
      dh = dh + outputGradients[t]
      dc = dc + dh * s.o * tanhC.map { 1 - $0 * $0 }
      let dz = [
        dc * s.u * s.i.map { $0 * (1 - $0) },
        dc * s.previousC * s.f.map { $0 * (1 - $0) },
        dc * s.i * s.u.map { 1 - $0 * $0 },
        dh * tanhC * s.o.map { $0 * (1 - $0) },
      ]
      dc = dc * s.f
      dh = [Double](repeating: 0, count: dh.count)
      var dx = [Double](repeating: 0, count: s.x.count)
      for g in 0..<4 {
        gradient.kernel[g].add(outer: masks.input[g] * s.x, dz[g])
        gradient.recurrentKernel[g].add(outer: masks.state[g] * s.previousH, dz[g])
        gradient.bias[g] = gradient.bias[g] + dz[g]
        dx = dx + masks.input[g] * (kernel[g] * dz[g])
        dh = dh + masks.state[g] * (recurrentKernel[g] * dz[g])
      }
      inputGradients.append(dx)
    }
    return inputGradients.reversed()
  }
}

extension LSTMLayer {
  /// From Keras' tensors: kernel [inputs, 4 units], recurrent kernel [units, 4 units] and bias [4 units], the gates side by
  /// side in the columns.
  init(kernel: [Double], recurrentKernel: [Double], bias: [Double]) {
    let units = bias.count / 4
    func gates(_ values: [Double]) -> [[Double]] {
      (0..<4).map { g in values.indices.filter { $0 / units % 4 == g }.map { values[$0] } }
    }
    self.kernel = gates(kernel).map { Matrix($0, columns: units) }
    self.recurrentKernel = gates(recurrentKernel).map { Matrix($0, columns: units) }
    self.bias = gates(bias)
  }

  /// Keras' tensors again: kernel, recurrent kernel and bias.
  var tensors: (kernel: [Double], recurrentKernel: [Double], bias: [Double]) {
    let units = bias[0].count
    func sideBySide(_ gates: [[Double]]) -> [Double] {
      (0..<gates[0].count / units).flatMap { row in gates.flatMap { $0[row * units..<(row + 1) * units] } }
    }
    return (sideBySide(kernel.map(\.values)), sideBySide(recurrentKernel.map(\.values)), sideBySide(bias))
  }

  var zeros: LSTMLayer {
    LSTMLayer(
      kernel: kernel.map(Matrix.init(zerosLike:)), recurrentKernel: recurrentKernel.map(Matrix.init(zerosLike:)),
      bias: bias.map { [Double](repeating: 0, count: $0.count) })
  }
}

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
