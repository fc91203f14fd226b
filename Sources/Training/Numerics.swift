/// The arithmetic that makes a run's bits.
public enum Numerics {
  /// Raised whenever a change to the code changes the bits of any run: another order of additions, another polynomial, other
  /// draws. A checkpoint resumes only under the revision that wrote it. `NumericsTests` has the bits of short runs of each.
  public static let revision = 2
}
