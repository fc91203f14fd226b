import Kernels

/// The inputs or the states of a recurrence under dropout, and the channels that are left of them: a mask holds for all time
/// steps of a sample, so the products of its gates leave out the channels that it drops.
struct KeptChannels {
  /// The numbers times the factor of the channels that are kept, [T, B, channels].
  let values: UnsafeMutablePointer<Float>
  /// Whether products go over the lists. Over few time steps a list saves less than it costs: one mask for all gates then serves
  /// whole products of the values.
  let areListed: Bool
  private let input: Signal
  private let mask: DropoutMask
  /// The largest value of a sample's masks for each channel, [B, channels]: 0 where every gate drops it.
  private let factors: UnsafeMutablePointer<Float>
  /// The channels that each mask keeps of each sample, [masks, B, room], and how many there are.
  private let lists: UnsafeMutablePointer<Int32>, counts: UnsafeMutablePointer<Int32>
  private let room: Int

  /// The time steps from which a list pays: with 4 a layer of 64 units takes as long, with 2 a third longer (Zen 5).
  private static let fewestSteps = 6

  init(_ input: Signal, _ mask: DropoutMask, _ workspace: Workspace) {
    self.input = input
    self.mask = mask
    areListed = mask.positions > 1 || input.positions >= Self.fewestSteps
    values = workspace.take(input.count)
    factors = workspace.take(input.block)
    room = padded(input.channels) + 16
    lists = workspace.takeIntegers(mask.positions * input.samples * room)
    counts = workspace.takeIntegers(mask.positions * input.samples)
  }

  /// Takes the masks as they have been drawn, and the numbers as they have been computed.
  func update() {
    factors.update(from: mask.values, count: input.block)
    for position in 1..<max(mask.positions, 1) {
      maximumElements(mask.values + position * input.block, into: factors, count: input.block)
    }
    for row in 0..<(areListed ? mask.positions * input.samples : 0) {
      counts[row] = Int32(
        keptChannels(mask.values + row * input.stride, count: input.channels, into: lists + row * room))
    }
    multiplyByMask(input.values, factors, into: values, count: input.count, maskCount: input.block)
  }

  /// The channels of a sample that take part in a gate's products.
  private func channels(_ gate: Int, sample: Int) -> Channels {
    let row = (mask.positions == 1 ? 0 : gate) * input.samples + sample
    return (UnsafePointer(lists + row * room), Int(counts[row]))
  }

  /// A list of channels in ascending order, and how many there are.
  typealias Channels = (list: UnsafePointer<Int32>, count: Int)

  /// Calls `body` for every sample with its channels for a gate and its first row of values.
  @inline(__always)
  func forEachSample(_ gate: Int, _ body: (_ sample: Int, Channels, UnsafePointer<Float>) -> Void) {
    for sample in 0..<input.samples {
      body(sample, channels(gate, sample: sample), values + sample * input.stride)
    }
  }
}
