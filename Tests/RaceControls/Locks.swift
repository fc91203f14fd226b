import Communication
import Synchronization

private let threads = 4
private let additions = 20_000

/// `Mutex`, whose slow path the sanitizer cannot see by itself. Enough threads and additions that they contend.
extension Control {
  static let locks = [
    Control(name: "mutex", isRace: false) {
      let sum = Mutex(0)
      try withThreads { sum.withLock { $0 += 1 } }
      return sum.withLock { $0 } == threads * additions
    },
    Control(name: "mutex-tried", isRace: false) {
      let sum = Mutex(0)
      try withThreads { while sum.withLockIfAvailable({ $0 += 1 }) == nil {} }
      return sum.withLock { $0 } == threads * additions
    },
    // The lock orders what is inside it, and nothing else.
    Control(name: "beside-mutex", isRace: true) {
      let sum = Mutex(0)
      let beside = Unguarded(0)
      try withThreads {
        sum.withLock { $0 += 1 }
        beside.pointer.pointee += 1
      }
      return true
    },
    Control(name: "two-mutexes", isRace: true) {
      let locks = (Holder(), Holder())
      let value = Unguarded(0)
      _ = try ThreadGroup.run(workers: 2) { communicator in
        let mine = communicator.rank == 0 ? locks.0 : locks.1
        // So that none is through before the other begins, which might order them.
        try communicator.barrier()
        for _ in 0..<additions { mine.lock.withLock { _ in value.pointer.pointee += 1 } }
      }
      return true
    },
  ]

  private static func withThreads(_ body: @escaping @Sendable () -> Void) throws {
    _ = try ThreadGroup.run(workers: threads) { communicator in
      try communicator.barrier()
      for _ in 0..<additions { body() }
    }
  }
}

private final class Holder: Sendable {
  let lock = Mutex(())
}
