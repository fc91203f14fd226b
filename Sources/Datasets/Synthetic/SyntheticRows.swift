/// The first images of a part of the synthetic data set, as a source.
public struct SyntheticRows: RowSource, Hashable {
  /// The part.
  public let part: SyntheticSet.Part
  /// The number of images, from the first.
  public let count: Int
  /// The seed of all that is drawn.
  public let seed: UInt64

  /// The first `count` images of a part.
  public init(_ part: SyntheticSet.Part, count: Int, seed: UInt64) {
    (self.part, self.count, self.seed) = (part, count, seed)
  }

  /// The part, the count and the seed in words.
  public var name: String { "synthetic data set (\(part), \(count) rows, seed \(seed))" }
  /// None.
  public var paths: [String] { [] }
  /// true.
  public var isSynthetic: Bool { true }
  /// `SyntheticSet.format`.
  public func format() -> ImageFormat? { SyntheticSet.format }
  /// None of its own: those of Sign Language MNIST, or numbers, by how many classes there are.
  public func classNames() -> ClassNames? { nil }

  /// Draws part `index` of `parts` of the images.
  public func part(_ index: Int, of parts: Int, _ request: RowRequest) throws -> ImageTable {
    let table = SyntheticSet.make(part, rows: index * count / parts..<(index + 1) * count / parts, seed: seed)
    let classes = UInt16(request.classCount)
    guard table.format != request.format || classes < ClassNames.signLanguageMNIST.count else { return table }
    // Other networks get the same hands, in their input's size and in as many classes as they have.
    return ImageTable(
      format: request.format, labels: table.labels.map { $0 % classes },
      pixels: (0..<table.count).flatMap { Self.scaled(table.image($0), from: table.format, to: request.format) })
  }

  /// An image in another format: each pixel is the nearest one, and channels are alike.
  private static func scaled(_ image: ArraySlice<UInt8>, from: ImageFormat, to: ImageFormat) -> [UInt8] {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(to.count)
    for row in 0..<to.height {
      for column in 0..<to.width {
        let pixel = (row * from.height / to.height) * from.width + column * from.width / to.width
        pixels.append(contentsOf: repeatElement(image[image.startIndex + pixel], count: to.channels))
      }
    }
    return pixels
  }
}
