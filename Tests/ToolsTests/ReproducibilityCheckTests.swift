import Platform
import Reproducibility
import TestTags
import Testing

@Suite("A reproducibility check compares layouts epoch by epoch", .tags(.pure))
struct ReproducibilityCheckTests {
  private static func epoch(_ loss: String, _ hash: Character) -> EpochFingerprint {
    EpochFingerprint(
      history: [loss, "0.5", "1.25", "0.75"], parametersSHA256: String(repeating: hash, count: 64))
  }

  private let run = [epoch("2.5", "a"), epoch("2.25", "b")]

  private func verdicts(_ results: [Result<[EpochFingerprint], LayoutFailure>]) -> [ReproducibilityCheck.Verdict] {
    var check = ReproducibilityCheck()
    for (index, result) in results.enumerated() { _ = check.add(WorkerLayout(.thread, index + 1), result) }
    return check.verdicts.map(\.verdict)
  }

  @Test func `Equal epochs are the same, and the first layout is what others are compared with`() {
    #expect(verdicts([.success(run), .success(run), .success(run)]) == [.reference, .same, .same])
  }

  @Test func `The first epoch that differs is named, and where`() {
    let laterParameters = [run[0], Self.epoch("2.25", "c")]
    let history = [Self.epoch("2.5000000000000004", "a"), run[1]]
    #expect(
      verdicts([.success(run), .success(laterParameters), .success(history)])
        == [.reference, .differs(epoch: 2, inParameters: true), .differs(epoch: 1, inParameters: false)])
  }

  @Test func `Fewer or more epochs are a difference, and none is a failure`() {
    #expect(
      verdicts([.success(run), .success([run[0]]), .success(run + run), .success([])])
        == [.reference, .otherLength(epochs: 1), .otherLength(epochs: 4), .failed("it ended without an epoch")])
  }

  @Test func `A failed layout is no reference`() {
    #expect(
      verdicts([.failure(LayoutFailure("no")), .success(run), .success(run)]) == [.failed("no"), .reference, .same])
  }

  @Test func `A check holds only if every layout was trained and is the same`() {
    for (results, holds) in [
      ([.success(run)], true), ([.success(run), .success(run)], true),
      ([.success(run), .success([run[0], Self.epoch("2.25", "c")])], false),
      ([.success(run), .failure(LayoutFailure("no"))], false), ([.failure(LayoutFailure("no"))], false), ([], false),
    ] as [([Result<[EpochFingerprint], LayoutFailure>], Bool)] {
      var check = ReproducibilityCheck()
      for result in results { _ = check.add(WorkerLayout(.rank, 1), result) }
      #expect(check.holds == holds, "\(results)")
    }
  }

  @Test func `The table names layouts, checksums and differences`() {
    var check = ReproducibilityCheck()
    #expect(check.header == "workers     parameters        history")
    let first = check.add(WorkerLayout(.thread, 1), .success(run))
    #expect(first.hasPrefix("1 thread    bbbbbbbbbbbbbbbb  "))
    #expect(first.count == 46)
    #expect(check.add(WorkerLayout(.rank, 3), .success(run)) == "3 ranks " + first.dropFirst(8) + "  same")
    #expect(
      check.add(WorkerLayout(.rank, 4), .success([Self.epoch("2.5", "c"), run[1]]))
        == "4 ranks " + first.dropFirst(8) + "  DIFFERS from 1 thread in epoch 1, in the parameters")
    #expect(check.add(WorkerLayout(.rank, 7), .failure(LayoutFailure("no"))) == "7 ranks     FAILED: no")
    #expect(check.conclusion == "Not reproducible: of 4 layouts, 1 gave other bits and 1 failed.")
  }

  @Test func `Fingerprints are read back from among other lines`() {
    let lines = ["Warning: a launcher speaks", run[0].line, "", run[1].line, "epoch-fingerprint,1,2"]
    #expect(EpochFingerprint.read(lines.joined(separator: "\n")) == run)
    #expect(EpochFingerprint.read("") == [])
  }

  @Test func `Layouts are threads first, then ranks`() {
    #expect(
      WorkerLayout.all(workers: [1, 3], ranks: true).map(\.description) == [
        "1 thread", "3 threads", "1 rank", "3 ranks",
      ])
    #expect(WorkerLayout.all(workers: [2], ranks: false) == [WorkerLayout(.thread, 2)])
  }

  @Test func `Launchers are told apart, and started as each wants it`() {
    #expect(MPIImplementation(describedBy: "mpirun (Open MPI) 4.1.4") == .openMPI)
    #expect(MPIImplementation(describedBy: "HYDRA build details:") == .mpich)
    #expect(MPIImplementation(describedBy: "Slurm's srun") == nil)
    let open = MPILauncher(program: "mpirun", implementation: .openMPI)
    #expect(
      open.command(ranks: 3, options: ["--host", "a"], isRoot: true, ["x", "y"])
        == ["mpirun", "-n", "3", "--oversubscribe", "--allow-run-as-root", "--host", "a", "x", "y"])
    let mpich = MPILauncher(program: "mpiexec", implementation: .mpich)
    #expect(mpich.command(ranks: 2, options: [], isRoot: true, ["x"]) == ["mpiexec", "-n", "2", "x"])
    #expect(MPILauncher.find("/nowhere/mpirun") == nil)
  }
}
