import Kernels

/// The synthetic data set, for a first run without a download: drawn hands of 24 classes, in the format of the real data
/// set.
///
/// Each image is a pure function of (seed, part, number), in integer arithmetic: the same bytes on every machine, and any
/// worker can draw any range. Position, size, slant, fingertips, lighting and noise vary, so a network has to learn the
/// classes. Accuracies on this data set say nothing about the real one.
public enum SyntheticSet {
  /// The parts of the data set. Their random streams are independent.
  public enum Part: Int, Sendable {
    /// The rows to train on.
    case train = 0
    /// The rows to validate on.
    case test = 1

    /// The default number of rows of this part.
    public var defaultRows: Int {
      switch self {
      case .train: 4096
      case .test: 1024
      }
    }
  }

  /// What its images are made of.
  public static let format = ImageFormat.mnist

  /// The first `rows` images of a part.
  public static func make(_ part: Part, rows: Int, seed: UInt64) -> ImageTable {
    make(part, rows: 0..<rows, seed: seed)
  }

  /// A range of a part's images.
  public static func make(_ part: Part, rows: Range<Int>, seed: UInt64) -> ImageTable {
    let pixelCount = rows.count * format.count
    var labels: [UInt16] = []
    let pixels = [UInt8](unsafeUninitializedCapacity: pixelCount) { pixels, count in
      for row in rows {
        var stream = RandomStream(seed: seed, purpose: .synthesis, epoch: part.rawValue, row: row)
        let hand = SyntheticHand.all[stream.nextInteger(below: SyntheticHand.classCount)]
        labels.append(hand.label)
        var image = SyntheticImage(of: hand, stream: stream)
        image.draw {
          pixels[count] = $0; count += 1
        }
      }
    }
    return ImageTable(format: format, labels: labels, pixels: pixels)
  }
}

extension RandomPurpose {
  /// The synthetic data set; the "row" is the image's number.
  package static var synthesis: RandomPurpose { RandomPurpose(number: 4) }
}
