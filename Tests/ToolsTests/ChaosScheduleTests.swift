import FaultInjection
import Reproducibility
import TestTags
import Testing

@Suite("A chaos schedule is a function of its seed", .tags(.pure))
struct ChaosScheduleTests {
  private let limits = ChaosLimits(maxWorkers: 4, ranks: true, faults: Fault.Kind.allCases, checkpoints: 36)

  @Test func `A schedule is a function of its seed`() {
    for seed in UInt64(0)..<50 {
      #expect(ChaosSchedule(seed: seed, limits: limits) == ChaosSchedule(seed: seed, limits: limits))
    }
    #expect(ChaosSchedule(seed: 1, limits: limits).phases != ChaosSchedule(seed: 12, limits: limits).phases)
  }

  /// A failure that somebody reports by its seed must be the same schedule here.
  @Test func `The schedule of a seed does not change`() {
    let schedule = ChaosSchedule(seed: 17, limits: limits)
    var result = ChaosResult(schedule)
    result.phases = schedule.phases.map { ChaosResult.Phase($0) }
    #expect(
      result.text
        == "seed 17: 1 thread, SIGINT (not injected); 3 ranks, kill rank 0 (not injected), empty the newest 2 (there was none); "
        + "3 threads, kill the process (not injected); 4 ranks, kill rank 2 (not injected), truncate the newest 2 to 68 % (there was "
        + "none); 2 threads to the end: equal")
    #expect(
      schedule.phases.map(\.trigger) == [
        .checkpoint(6, milliseconds: 22), .writing(after: 1, microseconds: 1104),
        .writing(after: 1, microseconds: 3853),
        .checkpoint(13, milliseconds: 7),
      ])
    #expect(schedule.phases.map(\.fault.share) == [234, 868, 569, 615])
    #expect(schedule.phases.compactMap(\.damage).map(\.seed) == [2_224_532_244, 1_744_947_708])
  }

  @Test func `Every fault applies to its workers`() {
    var kinds: Set<String> = []
    for seed in UInt64(0)..<500 {
      let schedule = ChaosSchedule(seed: seed, limits: limits)
      #expect((2...4).contains(schedule.phases.count))
      for layout in schedule.phases.map(\.layout) + [schedule.last] { #expect((1...4).contains(layout.workers)) }
      for phase in schedule.phases {
        kinds.insert(phase.fault.kind.rawValue)
        #expect((0..<phase.layout.workers).contains(phase.fault.rank))
        #expect((100..<1000).contains(phase.fault.share))
        switch phase.fault.kind {
        case .killRank, .killLauncher: #expect(phase.layout.kind == .rank)
        case .stopRank: #expect(phase.layout.kind == .rank && phase.layout.workers >= 2)
        case .killProcess: #expect(phase.layout.kind == .thread)
        default: break
        }
        // Only a kill may come before the process has its handlers.
        if case .started = phase.trigger { #expect(phase.fault.kind.rawValue.hasPrefix("kill")) }
      }
    }
    #expect(kinds.count == Fault.Kind.allCases.count)
  }

  @Test func `Seeds in a row go through all faults, and damages follow`() {
    let schedules = (UInt64(100)..<150).map { ChaosSchedule(seed: $0, limits: limits) }
    let firsts = schedules.prefix(Fault.Kind.allCases.count).map { $0.phases[0].fault.kind }
    #expect(Set(firsts.map(\.rawValue)).count == Fault.Kind.allCases.count)
    let damages = schedules.flatMap(\.phases).compactMap(\.damage)
    #expect(Set(damages.map { $0.kind.rawValue }).count == Damage.Kind.allCases.count)
    #expect(Set(damages.map(\.checkpoints)) == [1, 2])
    #expect(Set(schedules.map { "\($0.last)" }).count == 8)
  }

  @Test func `Without ranks, or with one worker, only the faults that apply are scheduled`() {
    var few = limits
    few.ranks = false
    few.maxWorkers = 2
    for seed in UInt64(0)..<50 {
      for phase in ChaosSchedule(seed: seed, limits: few).phases {
        #expect(phase.layout.kind == .thread && phase.layout.workers <= 2)
        #expect(![.killRank, .killLauncher, .stopRank].contains(phase.fault.kind))
      }
    }
    few = limits
    few.maxWorkers = 1
    for seed in UInt64(0)..<50 {
      #expect(!ChaosSchedule(seed: seed, limits: few).phases.contains { $0.fault.kind == .stopRank })
    }
    few.faults = [.killRank]
    #expect(Set(ChaosSchedule(seed: 3, limits: few).phases.map(\.fault.kind)) == [.killRank])
  }

  @Test func `A job ends as its fault says, or with success if the fault came too late`() {
    let cases: [(Fault.Kind, WorkerLayout.Kind, [Int32], [Int32])] = [
      (.killRank, .rank, [137, 1, 69, 70, 0], [64, 65]), (.killLauncher, .rank, [137, 0], [1, 69, 75]),
      (.killProcess, .thread, [137, 0], [1, 75]), (.stopRank, .rank, [69, 0], [1, 70, 75, 137]),
      (.terminate, .thread, [75, 0], [1, 70, 143]), (.terminate, .rank, [1, 75, 143, 0], [64, 65]),
      (.interrupt, .thread, [75, 0], [130]), (.requestCheckpoint, .thread, [75, 0], [138]),
      (.requestCheckpoint, .rank, [75, 0], [1, 138]), (.pauseWorker, .rank, [75, 0], [69]),
      (.fileSizeLimit, .thread, [74, 0], [70, 75, 153]), (.killInWrite, .rank, [153, 74, 0], [65]),
      (.fillDisk, .rank, [74, 0], [70, 1]),
    ]
    for (kind, workers, right, wrong) in cases {
      let expected = Fault(kind).expectedEnd(of: workers, launcher: .openMPI)
      for code in right { #expect(expected.includes(code), "\(kind) of a \(workers): \(code)") }
      for code in wrong { #expect(!expected.includes(code), "\(kind) of a \(workers): \(code)") }
    }
    // Not every launcher passes SIGUSR1 on.
    #expect(Fault(.requestCheckpoint).expectedEnd(of: .rank, launcher: .mpich).includes(138))
  }

  @Test func `Damaged bytes`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(Damage(.truncate, amount: 250).applied(to: bytes) == Array(bytes[..<250]))
    #expect(Damage(.truncate, amount: 999).applied(to: [1, 2, 3]) == [1, 2])
    #expect(Damage(.temporary, amount: 500).applied(to: bytes)?.count == 500)
    #expect(Damage(.empty).applied(to: bytes) == [])
    #expect(Damage(.delete).applied(to: bytes) == nil)
    for seed in UInt64(0)..<20 {
      let changed = Damage(.flip, amount: 5, seed: seed).applied(to: bytes) ?? []
      #expect(changed.count == 1000 && zip(changed, bytes).count { $0 != $1 } == 5)
      #expect(changed == Damage(.flip, amount: 5, seed: seed).applied(to: bytes))
    }
    let other = Damage(.flip, amount: 5, seed: 20).applied(to: bytes)
    #expect(other != Damage(.flip, amount: 5, seed: 19).applied(to: bytes))
    #expect(Damage(.flip, amount: 9).applied(to: [7])?.first != 7)
    #expect(Damage(.flip, amount: 9).applied(to: []) == [])
  }
}
