import Kernels

/// A built-in data set in the real one's form, for a first run without a download: drawn hands of 24 letters.
///
/// Each image is a pure function of (seed, part, number), in integer arithmetic alone: the same bytes on every machine, and
/// any worker can draw any range. Place, size, slant, fingertips, light and noise vary from image to image; a network has
/// to learn the letters, and accuracies on this set say nothing about the real one.
public enum SyntheticSet {
  /// The training and the test rows come from streams that have no draw in common.
  public enum Part: Int, Sendable {
    /// The rows to train on.
    case train = 0
    /// The rows to validate on.
    case test = 1

    /// How many rows this part has unless a user says otherwise.
    public var defaultRows: Int {
      switch self {
      case .train: 4096
      case .test: 1024
      }
    }
  }

  /// The first `rows` images of a part.
  public static func make(_ part: Part, rows: Int, seed: UInt64) -> ImageTable {
    make(part, rows: 0..<rows, seed: seed)
  }

  /// A range of the images of a part.
  public static func make(_ part: Part, rows: Range<Int>, seed: UInt64) -> ImageTable {
    let pixelCount = rows.count * ImageTable.pixelsPerImage
    var labels: [UInt8] = []
    let pixels = [UInt8](unsafeUninitializedCapacity: pixelCount) { pixels, count in
      for row in rows {
        var stream = RandomStream(seed: seed, purpose: .synthesis, epoch: part.rawValue, row: row)
        let hand = SyntheticHand.all[stream.nextInteger(below: SyntheticHand.letterCount)]
        labels.append(hand.label)
        var image = SyntheticImage(of: hand, stream: stream)
        image.draw {
          pixels[count] = $0; count += 1
        }
      }
    }
    return ImageTable(labels: labels, pixels: pixels)
  }
}

extension RandomPurpose {
  /// The synthetic data set; the "row" is the image's number.
  package static var synthesis: RandomPurpose { RandomPurpose(number: 4) }
}
