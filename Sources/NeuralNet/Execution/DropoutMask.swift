import Kernels

/// The dropout masks of one place in the network for a micro-batch: values 0 or 1 / (1 - rate), [positions, samples,
/// channels].
///
/// A sample's masks are drawn in groups of 64 values, numbered through the network in the order of its layers: element e
/// of a mask (row-major in positions and channels) is value e mod 64 of group `firstGroup` + e / 64. So they depend on the
/// sample's row and data epoch, and the mask's place in the network, alone.
public struct DropoutMask {
  /// The layer's name, and what of it is masked: `output`, `input` or `state`.
  public let layer: String, role: String
  /// The probability that a number is dropped.
  public let rate: Float
  /// The values, in rows of `stride` numbers.
  public let values: UnsafeMutablePointer<Float>
  /// The sizes of [positions, samples, channels], and the distance between rows.
  public let positions: Int, samples: Int, channels: Int, stride: Int

  private let firstGroup: Int
  /// The groups that a sample's mask is drawn from.
  private let groups: Int
  private let drawn: UnsafeMutablePointer<Float>

  private static let group = 64

  init(
    layer: String, role: String, rate: Float, positions: Int, channels: Int, samples: Int, stride: Int,
    firstGroup: Int, workspace: Workspace
  ) {
    self.layer = layer
    self.role = role
    self.rate = rate
    self.positions = positions
    self.channels = channels
    self.samples = samples
    self.stride = stride
    self.firstGroup = firstGroup
    values = workspace.take(positions * samples * stride)
    groups = (positions * channels + Self.group - 1) / Self.group
    drawn = workspace.take(groups * Self.group)
  }

  /// The group after the last.
  var endGroup: Int { firstGroup + groups }

  /// The value of a sample's element.
  public func element(_ position: Int, _ channel: Int, sample: Int) -> UnsafeMutablePointer<Float> {
    values + ((position * samples + sample) * stride + channel)
  }

  /// Draws the mask of sample `sample` of the micro-batch: that of `key`'s row in its data epoch.
  func draw(_ key: RowKey, sample: Int) {
    guard !channels.isMultiple(of: Self.group) else { return drawWhole(key, sample: sample) }
    for group in 0..<groups {
      dropoutMask(key, group: firstGroup + group, rate: rate, into: drawn + group * Self.group)
    }
    for position in 0..<positions {
      copyNumbers(drawn + position * channels, into: element(position, 0, sample: sample), count: channels)
    }
  }

  /// Rows of whole groups are drawn where they belong.
  private func drawWhole(_ key: RowKey, sample: Int) {
    let groupsPerRow = channels / Self.group
    for group in 0..<groups {
      let (position, part) = group.quotientAndRemainder(dividingBy: groupsPerRow)
      let place = element(position, part * Self.group, sample: sample)
      dropoutMask(key, group: firstGroup + group, rate: rate, into: place)
    }
  }
}
