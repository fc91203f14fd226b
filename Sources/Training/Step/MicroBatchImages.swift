import NeuralNet
import SignLanguageMNIST

/// The images of a chunk as a step trains on them: the table's own, or what augmentation makes of them in a pass. Laid out
/// once; nothing is allocated in a step.
struct ChunkImages {
  private let table: RowTable
  private let augmentation: AugmentationRanges?
  private let seed: UInt64
  /// The changed images, [8, 784]; none where the table's own are trained on.
  private var changed: [UInt8]

  init(_ table: RowTable, _ configuration: TrainingConfiguration) {
    self.table = table
    augmentation = configuration.augment
    seed = configuration.seed
    let samples = configuration.augment == nil ? 0 : DropoutMasks.samples
    changed = [UInt8](repeating: 0, count: samples * NetworkDefinition.pixels)
  }

  /// Whether they are changed.
  var areAugmented: Bool { augmentation != nil }

  /// Changes the images of a chunk's rows for a pass, if they are to be changed.
  mutating func augment(_ rows: ArraySlice<Int32>, pass: Int) {
    guard let augmentation else { return }
    changed.withUnsafeMutableBufferPointer { changed in
      guard let changed = changed.baseAddress else { return }
      for (sample, row) in rows.enumerated() {
        augmentation.augment(
          table.pixels(Int(row)), seed: seed, epoch: pass, row: Int(row),
          into: changed + sample * NetworkDefinition.pixels)
      }
    }
  }

  /// Gives the network a row's image, as `augment` has left it.
  func load(_ row: Int, sample: Int, into network: Network) {
    guard areAugmented else { return network.load(table.pixels(row), sample: sample) }
    changed.withUnsafeBufferPointer { changed in
      guard let changed = changed.baseAddress else { return }
      network.load(changed + sample * NetworkDefinition.pixels, sample: sample)
    }
  }
}
