import ArgumentParser
import Training

/// The option of the search for errors of memory and cores.
struct VerificationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The fraction of the work that is done twice, by another worker where there is one, to find cores that compute wrongly: \
      0 to 1. Whoever disagrees is named, and the job ends with exit code 70. The result does not depend on it. That memory \
      still holds what was written is looked at in every case.
      """, valueName: "fraction"))
  var verifyShare = Trainer.defaultVerifyShare

  func validate() throws {
    guard verifyShare >= 0, verifyShare <= 1 else {
      throw ValidationError("--verify-share is \(verifyShare); it must be a fraction from 0 to 1.")
    }
  }
}
