/// The `wordSum`s of the parameters and of the vectors of an optimizer's state, as a step read them and as it wrote them.
public struct StepWordSums: Sendable {
  /// The most vectors that an optimizer's state has.
  public static let mostVectors = 3
  /// The lane of the moving average of the parameters, which the step itself does not touch.
  public static let average = 1 + mostVectors

  /// The sums before and after the step: of the parameters, then of the state's vectors; zero in the other lanes.
  public var before: SIMD8<UInt32>, after: SIMD8<UInt32>

  /// The sums before and after a step, by default of no words.
  public init(before: SIMD8<UInt32> = SIMD8(), after: SIMD8<UInt32> = SIMD8()) {
    (self.before, self.after) = (before, after)
  }
}
