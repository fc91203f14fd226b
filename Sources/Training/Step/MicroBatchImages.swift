import Datasets
import Kernels
import NeuralNet
import Transforms

/// The images of a micro-batch as a step trains on them: the table's own, or what augmentation makes of them in a data epoch.
/// Laid out once; nothing is allocated in a step.
final class MicroBatchImages {
  private let table: RowTable
  private let augmentation: AugmentationRanges?
  private let seed: UInt64
  /// The augmented images, [8, pixels]; empty where the table's own are trained on.
  private let augmented: UnsafeMutableBufferPointer<UInt8>

  init(_ table: RowTable, _ configuration: TrainingConfiguration) {
    self.table = table
    augmentation = configuration.augment
    seed = configuration.seed
    let images = configuration.augment == nil ? 0 : MicroBatch.size
    augmented = .allocate(capacity: images * table.format.count)
    augmented.initialize(repeating: 0)
  }

  deinit { augmented.deallocate() }

  /// Whether training changes them.
  var areAugmented: Bool { augmentation != nil }

  /// Augments the images of a micro-batch's rows for a data epoch, if they are to be augmented.
  func augment(_ rows: ArraySlice<Int32>, dataEpoch: Int) {
    guard let augmentation, var output = augmented.baseAddress else { return }
    for row in rows {
      augmentation.augment(table.pixels(Int(row)), seed: seed, epoch: dataEpoch, row: Int(row), into: output)
      output += table.format.count
    }
  }

  /// The image of a row, which is sample `sample` of the micro-batch, as `augment` has left it.
  @inline(__always)
  func pixels(row: Int, sample: Int) -> UnsafePointer<UInt8> {
    guard areAugmented, let base = augmented.baseAddress else { return table.pixels(row) }
    return UnsafePointer(base + sample * table.format.count)
  }
}
