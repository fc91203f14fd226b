/// The shape of one sample between two layers: `[features]`, `[time steps, channels]` or `[height, width, channels]`.
///
/// The last dimension is the channels; what is before it, in row-major order, are the positions.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The dimensions, all positive.
  public let dimensions: [Int]

  /// The most numbers of a sample: a bound that keeps every product of sizes far from overflow.
  static let limit = 1 << 28

  /// A shape with these dimensions: at least one, all positive.
  public init(_ dimensions: [Int]) {
    precondition(!dimensions.isEmpty && dimensions.allSatisfy { $0 > 0 }, "a shape has positive dimensions")
    self.dimensions = dimensions
  }

  /// A shape with these dimensions.
  public init(arrayLiteral dimensions: Int...) { self.init(dimensions) }

  /// The last dimension.
  public var channels: Int { dimensions[rank - 1] }

  /// The product of the dimensions before the last.
  public var positions: Int { count / channels }

  /// The number of dimensions.
  public var rank: Int { dimensions.count }

  /// The elements of a sample.
  public var count: Int { dimensions.reduce(1, *) }

  /// As Keras prints it, with the batch's dimension: `(None, 28, 28)`.
  public var description: String { "(None, " + dimensions.map(String.init).joined(separator: ", ") + ")" }
}
