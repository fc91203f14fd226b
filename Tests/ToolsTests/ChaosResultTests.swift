import FaultInjection
import Reproducibility
import TestTags
import Testing

@Suite("A chaos result says what differs and which faults were injected", .tags(.pure))
struct ChaosResultTests {
  private static let header = "epoch,loss,train_seconds,epoch_seconds,parameters_sha256\n"

  private func run(_ lines: String..., model: [UInt8] = [1, 2]) -> FinishedRun {
    FinishedRun(model: model, metrics: Self.header + lines.map { $0 + "\n" }.joined())
  }

  @Test func `The seconds are no difference, every other column is`() {
    let reference = run("1,2.5,0.1,0.2,aa", "2,2.25,0.1,0.2,bb")
    #expect(run("1,2.5,9.1,9.2,aa", "2,2.25,8,8,bb").difference(from: reference) == nil)
    #expect(
      run("1,2.5,0.1,0.2,aa", "2,2.5,0.1,0.2,bb").difference(from: reference)
        == "line 3 of metrics.csv is 2,2.5,bb, without faults 2,2.25,bb")
    #expect(run("1,2.5,0.1,0.2,aa", "2,2.25,0.1,0.2,bc").difference(from: reference) != nil)
  }

  @Test func `Lost and doubled lines, and another model, are differences`() {
    let reference = run("1,2.5,0.1,0.2,aa", "2,2.25,0.1,0.2,bb")
    #expect(run("1,2.5,0.1,0.2,aa").difference(from: reference) != nil)
    #expect(run("1,2.5,0.1,0.2,aa", "1,2.5,0.1,0.2,aa", "2,2.25,0.1,0.2,bb").difference(from: reference) != nil)
    #expect(
      run("1,2.5,0.1,0.2,aa", "2,2.25,0.1,0.2,bb", "2,2.25,0.1,0.2,bb").difference(from: reference) != nil)
    let other = run("1,2.5,0.1,0.2,aa", "2,2.25,0.1,0.2,bb", model: [1, 3]).difference(from: reference)
    #expect(other?.hasPrefix("model.safetensors has the SHA-256 ") == true)
    #expect(FinishedRun(model: [], metrics: "").difference(from: reference) != nil)
    #expect(FinishedRun(model: [1, 2], metrics: Self.header + "1,2.5\n").metrics[1] == "1,2.5")
  }

  private let phases = [
    ChaosSchedule.Phase(
      WorkerLayout(.rank, 3), Fault(.killRank, rank: 1), .checkpoint(4, milliseconds: 3),
      Damage(.truncate, amount: 404)),
    ChaosSchedule.Phase(WorkerLayout(.thread, 1), Fault(.terminate), .writing(after: 4, microseconds: 3)),
  ]

  private func result(injected: [Int?], failure: String? = nil) -> ChaosResult {
    var result = ChaosResult(ChaosSchedule(seed: 17, phases: phases, last: WorkerLayout(.rank, 4)))
    result.phases = zip(phases, injected).map { phase, step in
      var outcome = ChaosResult.Phase(phase)
      outcome.injectedAtStep = step
      outcome.injectedInWrite = step == 8
      outcome.wasDamaged = step != nil && phase.damage != nil
      return outcome
    }
    result.failure = failure
    return result
  }

  @Test func `A schedule is told in a line`() {
    #expect(
      result(injected: [21, 30]).text
        == "seed 17: 3 ranks, kill rank 1 at step 21, truncate the newest to 40 %; 1 thread, SIGTERM at step 30; "
        + "4 ranks to the end: equal")
    #expect(
      result(injected: [nil], failure: "it hangs").text
        == "seed 17: 3 ranks, kill rank 1 (not injected), truncate the newest to 40 % (there was none): FAILED: it hangs"
    )
  }

  @Test func `A summary counts the faults injected, and names the seeds that failed`() {
    var summary = ChaosSummary()
    #expect(!summary.holds)
    summary.results = [result(injected: [21, nil]), result(injected: [4, 8])]
    #expect(summary.holds)
    #expect(
      summary.text == """
        4 faults, 3 injected: kill a rank: 2, SIGTERM: 1.
        1 of them was injected while a checkpoint was being written.
        1 was not injected: the job had ended before.
        Damage to checkpoints: truncate: 2.
        2 schedules: 2 ended with the bits of the run without faults, 0 failed.
        """)
    summary.results.append(result(injected: [4], failure: "it hangs"))
    #expect(!summary.holds)
    #expect(summary.text.hasSuffix("3 schedules: 2 ended with the bits of the run without faults, 1 failed (seed 17)."))
  }

  @Test func `Faults that were never injected prove nothing`() {
    var summary = ChaosSummary()
    summary.results = [result(injected: [nil, nil])]
    #expect(!summary.holds)
    #expect(summary.text.contains("No fault was injected"))
  }
}
