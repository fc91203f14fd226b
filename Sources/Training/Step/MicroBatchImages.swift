import Datasets
import Kernels
import Platform
import Transforms

/// The images of a micro-batch as a step trains on them: the table's own, or what augmentation makes of them in a data epoch.
/// Laid out once; nothing is allocated in a step.
final class MicroBatchImages {
  private let table: RowTable
  private let augmenter: Augmenter?
  private let seed: UInt64
  /// The bytes of an image.
  private let imageBytes: Int
  /// The augmented images, [8, imageBytes]; empty where the table's own are trained on.
  private let augmented: UnsafeMutableBufferPointer<UInt8>

  init(_ table: RowTable, _ configuration: TrainingConfiguration) throws {
    if configuration.augment != nil { try Augmenter.check(table.format) }
    self.table = table
    augmenter = configuration.augment.map { Augmenter($0, table.format) }
    seed = configuration.seed
    imageBytes = table.format.count
    augmented = .allocate(capacity: augmenter == nil ? 0 : MicroBatch.size * imageBytes)
    augmented.initialize(repeating: 0)
  }

  deinit { augmented.deallocate() }

  /// Whether training changes them.
  var areAugmented: Bool { augmenter != nil }

  /// Asks for the images of rows that will soon be read: they lie anywhere in the table.
  func prefetch(_ rows: ArraySlice<Int32>) {
    for row in rows { prefetchPixels(table.pixels(Int(row)), count: imageBytes) }
  }

  /// Augments the images of a micro-batch's rows for a data epoch, if they are to be augmented.
  func augment(_ rows: ArraySlice<Int32>, dataEpoch: Int) {
    guard let augmenter, var output = augmented.baseAddress else { return }
    for row in rows {
      augmenter.augment(table.pixels(Int(row)), seed: seed, epoch: dataEpoch, row: Int(row), into: output)
      output += imageBytes
    }
  }

  /// The image of a row, which is sample `sample` of the micro-batch, as `augment` has left it.
  @inline(__always)
  func pixels(row: Int, sample: Int) -> UnsafePointer<UInt8> {
    guard areAugmented, let base = augmented.baseAddress else { return table.pixels(row) }
    return UnsafePointer(base + sample * imageBytes)
  }
}

extension Augmenter {
  /// Refuses images that are too large to be augmented.
  package static func check(_ format: ImageFormat) throws(Failure) {
    guard takes(format) else {
      throw Failure(
        .data,
        "images of \(format) are too large to be augmented; 1448 x 1448 is the most",
        isCollective: true)
    }
  }
}
