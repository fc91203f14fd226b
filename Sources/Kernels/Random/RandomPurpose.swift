/// What a random draw is for. With the seed, the data epoch and the row it identifies every random stream.
///
/// An open registry: each module extends it with its own purposes. Their numbers must differ and never change, because
/// they determine the bits of a run. A test lists them all.
public struct RandomPurpose: Hashable, Sendable {
  /// The number: a word of the generator's counter.
  @usableFromInline
  package let number: UInt32

  /// A purpose with a unique number.
  @inlinable
  package init(number: UInt32) { self.number = number }

  /// The dropout masks of a row in a data epoch.
  @inlinable
  public static var dropout: RandomPurpose { RandomPurpose(number: 3) }

  /// The augmentation of a row's image in a data epoch.
  @inlinable
  public static var augmentation: RandomPurpose { RandomPurpose(number: 6) }
}
