/// What a random draw is for: with the seed, the epoch and the row it names every number that is ever drawn.
///
/// An open registry: each module extends it with its own purposes. Their numbers must differ, and never change: they are part
/// of what makes a run's bits. A test lists them all.
public struct RandomPurpose: Hashable, Sendable {
  /// The number, a word of the generator's counter.
  @usableFromInline
  package let number: UInt32

  /// A purpose with a number that no other one has.
  @inlinable
  package init(number: UInt32) { self.number = number }

  /// The dropout masks of a row in an epoch.
  @inlinable
  public static var dropout: RandomPurpose { RandomPurpose(number: 3) }

  /// The augmentation of a row's image in an epoch of training.
  @inlinable
  public static var augmentation: RandomPurpose { RandomPurpose(number: 6) }
}
