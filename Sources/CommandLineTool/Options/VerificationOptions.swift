import ArgumentParser
import Training

/// The option of the search for errors of memory and cores.
struct VerificationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Fraction of the gradients, 0 to 1, that another worker computes again, to find cores that compute wrongly. A worker \
      that disagrees is named, and the job ends with exit code 70. The result does not depend on this value. Memory is \
      checked in any case.
      """, valueName: "fraction"))
  var verifyShare = Trainer.defaultVerifyShare

  func validate() throws {
    guard verifyShare >= 0, verifyShare <= 1 else {
      throw ValidationError("--verify-share is \(verifyShare); it must be a fraction from 0 to 1.")
    }
  }
}
