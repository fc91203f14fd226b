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
  /// Those of Sign Language MNIST.
  public func classNames() -> ClassNames? { .signLanguageMNIST }

  /// Draws part `index` of `parts` of the images.
  public func part(_ index: Int, of parts: Int, _ request: RowRequest) throws -> ImageTable {
    guard request.classCount >= ClassNames.signLanguageMNIST.count else {
      throw TooManyClasses(source: name, found: ClassNames.signLanguageMNIST.count, wanted: request.classCount)
    }
    return SyntheticSet.make(part, rows: index * count / parts..<(index + 1) * count / parts, seed: seed)
  }
}
