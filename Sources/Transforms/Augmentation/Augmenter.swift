import Datasets
import Kernels

/// Augments images of one format. It holds the memory that the kernels work in, so that augmenting an image allocates
/// nothing; one thread at a time may use it.
public final class Augmenter {
  /// The ranges that the transforms are drawn from.
  public let ranges: AugmentationRanges
  /// The format of the images.
  public let format: ImageFormat

  private let shape: ImageShape
  private let memory: UnsafeMutableRawBufferPointer
  private let scratch: ImageScratch

  /// Whether images of that format can be augmented: they have no more pixels than the kernels take.
  public static func takes(_ format: ImageFormat) -> Bool {
    let (pixels, hasOverflow) = format.height.multipliedReportingOverflow(by: format.width)
    return !hasOverflow && pixels <= ImageShape.maximumPixels
  }

  /// Augmentation of images of a format that `takes` accepts.
  public init(_ ranges: AugmentationRanges, _ format: ImageFormat) {
    self.ranges = ranges
    self.format = format
    shape = ImageShape(format)
    memory = .allocate(byteCount: ImageScratch.byteCount(shape), alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    scratch = ImageScratch(shape, memory: memory.baseAddress!)
  }

  deinit { memory.deallocate() }

  /// Augments a row's image for a data epoch: reads `format.count` bytes, writes as many.
  public func augment(
    _ pixels: UnsafePointer<UInt8>, seed: UInt64, epoch: Int, row: Int, into output: UnsafeMutablePointer<UInt8>
  ) {
    augmentImage(
      pixels, shape, ranges.change(seed: seed, epoch: epoch, row: row, format: format),
      RowKey(seed: seed, epoch: epoch, row: row), scratch: scratch, into: output)
  }
}

extension ImageShape {
  /// The shape of images of that format.
  init(_ format: ImageFormat) {
    self.init(height: format.height, width: format.width, channels: format.channels)
  }
}
