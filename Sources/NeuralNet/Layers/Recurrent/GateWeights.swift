import Kernels

/// The time steps of a recurrence and where they are: step s is position s, or the s-th from the end.
struct TimeSteps {
  let count: Int
  /// The length of the rows of one time step, and of all.
  let block: Int
  let reversed: Bool

  var size: Int { count * block }

  /// Where a step's numbers begin.
  func offset(_ step: Int) -> Int { (reversed ? count - 1 - step : step) * block }

  /// Where the states begin that another step uses, and where the steps begin that use one: each state is one block away
  /// from its use, before it or after it.
  var firstState: Int { reversed ? block : 0 }
  var firstUse: Int { reversed ? 0 : block }
}

/// The weights of a recurrent layer, gate by gate: Keras has the gates side by side in the columns of its kernels.
struct GateWeights {
  /// The distance between the rows of a state.
  let stride: Int
  private(set) var kernel: [PackedMatrix] = [], recurrentKernel: [PackedMatrix] = []
  /// The transposes, for the backward pass; empty without one.
  private(set) var kernelTransposed: [PackedMatrix] = [], recurrentTransposed: [PackedMatrix] = []

  private let units: Int, gates: Int, biasCount: Int
  private let biases: UnsafeMutablePointer<Float>
  private let sums: UnsafeMutablePointer<Float>
  private let kernelOffset: Int, recurrentOffset: Int, biasOffset: Int?
  private let forKernel: WeightGradient, forRecurrent: WeightGradient

  /// - Parameter biases: the vectors of units in the bias; as many as gates unless given.
  init(_ options: RecurrentOptions, gates: Int, biases count: Int? = nil, prefix: String, _ context: LayerContext) {
    let (workspace, channels) = (context.workspace, context.input.channels)
    units = options.units
    self.gates = gates
    biasCount = count ?? gates
    stride = padded(options.units)
    biases = workspace.take(biasCount * stride)
    sums = workspace.take(stride)
    kernelOffset = context.offset(prefix + "kernel") ?? 0
    recurrentOffset = context.offset(prefix + "recurrent_kernel") ?? 0
    biasOffset = context.offset(prefix + "bias")
    forKernel = WeightGradient(rows: channels, columns: units, workspace: workspace)
    forRecurrent = WeightGradient(rows: units, columns: units, workspace: workspace)
    for _ in 0..<gates {
      kernel.append(PackedMatrix(rows: channels, columns: units, workspace: workspace))
      recurrentKernel.append(PackedMatrix(rows: units, columns: units, workspace: workspace))
      guard context.trains else { continue }
      recurrentTransposed.append(PackedMatrix(rows: units, columns: units, workspace: workspace))
      guard context.input.gradient != nil else { continue }
      kernelTransposed.append(PackedMatrix(rows: units, columns: channels, workspace: workspace))
    }
  }

  private var width: Int { gates * units }

  func bias(_ gate: Int) -> UnsafePointer<Float> { UnsafePointer(biases + gate * stride) }

  func pack(_ parameters: UnsafePointer<Float>) {
    for gate in 0..<gates {
      let own = parameters + kernelOffset + gate * units
      let recurrent = parameters + recurrentOffset + gate * units
      kernel[gate].pack(own, stride: width)
      recurrentKernel[gate].pack(recurrent, stride: width)
      if !kernelTransposed.isEmpty { kernelTransposed[gate].packTransposed(own, stride: width) }
      if !recurrentTransposed.isEmpty { recurrentTransposed[gate].packTransposed(recurrent, stride: width) }
    }
    guard let biasOffset else { return }
    for bias in 0..<biasCount {
      (biases + bias * stride).update(from: parameters + biasOffset + bias * units, count: units)
    }
  }

  /// Adds one of the packed biases to another.
  func addBias(_ other: Int, to gate: Int) {
    addElements(bias(other), to: biases + gate * stride, count: stride)
  }

  /// z = bias + (x ∘ m) kernel for a gate and all time steps, [T, B, units].
  func inputProducts(_ gate: Int, _ inputs: GateInputs, into z: UnsafeMutablePointer<Float>) {
    let (input, kernel) = (inputs.input, kernel[gate])
    guard let kept = inputs.listedInputs else {
      let shape = kernel.product(count: input.rows, rowStride: input.stride, cStride: stride)
      return multiply(shape, inputs.values, kernel.values, bias: bias(gate), into: z)
    }
    kept.forEachSample(gate) { sample, channels, x in
      let shape = kernel.product(
        count: input.positions, terms: channels.count, rowStride: input.block, cStride: inputs.time.block)
      multiply(shape, terms: channels.list, x, kernel.values, bias: bias(gate), into: z + sample * stride)
    }
  }

  /// z += (h ∘ r) recurrent_kernel for a gate and a time step, [B, units], with the state before the step.
  func addRecurrentProduct(_ gate: Int, _ inputs: GateInputs, _ step: Int, to z: UnsafeMutablePointer<Float>) {
    let shape = recurrentKernel[gate].product(count: inputs.input.samples, rowStride: stride, cStride: stride)
    multiplyAccumulating(
      shape, inputs.state(gate, before: step), recurrentKernel[gate].values, into: z)
  }

  /// u = bias + (h ∘ r) recurrent_kernel for a gate and a time step, [B, units]; at the first step, h is zero.
  func recurrentProduct(
    _ gate: Int, _ inputs: GateInputs, _ step: Int, bias number: Int, into u: UnsafeMutablePointer<Float>
  ) {
    guard step > 0 else {
      for row in 0..<inputs.input.samples { (u + row * stride).update(from: bias(number), count: stride) }
      return
    }
    let shape = recurrentKernel[gate].product(count: inputs.input.samples, rowStride: stride, cStride: stride)
    multiply(
      shape, inputs.state(gate, before: step), recurrentKernel[gate].values, bias: bias(number),
      into: u)
  }

  /// The gradient of a gate's kernel: the sum over all rows of x and dz, in order; under dropout over the samples in order,
  /// and over the time steps of each.
  func kernelGradient(
    _ gate: Int, _ inputs: GateInputs, _ dz: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) {
    let (input, time) = (inputs.input, inputs.time)
    forKernel.write(to: gradient + kernelOffset + gate * units, stride: width) { target, cStride in
      if let kept = inputs.listedInputs {
        let steps = (count: time.count, first: 0, aStride: input.block, bStride: time.block)
        return gatheredGradient(gate, forKernel, kept, steps, dz, into: target, cStride)
      }
      let shape = forKernel.product(depth: input.rows, aStride: input.stride, bStride: stride, cStride: cStride)
      multiply(shape, inputs.values, dz, into: target)
    }
  }

  /// The gradient of a gate's recurrent kernel: the sum over rows of h and dz, in order, or as that of the kernel under dropout.
  /// h before the first time step is zero, so there is one step less.
  func recurrentGradient(
    _ gate: Int, _ inputs: GateInputs, _ dz: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) {
    let (input, time) = (inputs.input, inputs.time)
    let dz = dz + time.firstUse
    forRecurrent.write(to: gradient + recurrentOffset + gate * units, stride: width) { target, cStride in
      if let kept = inputs.keptStates {
        let steps = (count: time.count - 1, first: time.firstState, aStride: time.block, bStride: time.block)
        return gatheredGradient(gate, forRecurrent, kept, steps, dz, into: target, cStride)
      }
      let shape = forRecurrent.product(
        depth: input.rows - input.samples, aStride: stride, bStride: stride, cStride: cStride)
      multiply(shape, inputs.states + time.firstState, dz, into: target)
    }
  }

  /// The gradient of a weight under dropout: rows of channels that a sample's mask drops get nothing from it.
  ///
  /// - Parameter steps: the number of time steps, where the first of the kept values is, and the distances between those and
  ///   between those of dz.
  private func gatheredGradient(
    _ gate: Int, _ gradient: WeightGradient, _ kept: KeptChannels,
    _ steps: (count: Int, first: Int, aStride: Int, bStride: Int), _ dz: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, _ cStride: Int
  ) {
    for channel in 0..<gradient.rows { (target + channel * cStride).update(repeating: 0, count: stride) }
    kept.forEachSample(gate) { sample, channels, values in
      let shape = gradient.product(
        rows: channels.count, depth: steps.count, aStride: steps.aStride, bStride: steps.bStride, cStride: cStride)
      multiplyAccumulating(shape, rows: channels.list, values + steps.first, dz + sample * stride, into: target)
    }
  }

  /// The gradient of a gate's bias.
  func biasGradient(_ gate: Int, _ dz: UnsafePointer<Float>, rows: Int, into gradient: UnsafeMutablePointer<Float>) {
    guard let biasOffset else { return }
    sumRows(dz, count: rows, columns: stride, into: sums)
    (gradient + biasOffset + gate * units).update(from: sums, count: units)
  }
}
