import Communication
import Synchronization

/// A number that one worker writes, and another reads when a flag says that it is there.
extension Control {
  static let publications = [
    Control(name: "released-flag", isRace: false) {
      try publish({ $0.store(true, ordering: .releasing) }, { $0.load(ordering: .acquiring) })
    },
    // Both see the flag, but the number need not be there with it.
    Control(name: "relaxed-flag", isRace: true) {
      _ = try publish({ $0.store(true, ordering: .relaxed) }, { $0.load(ordering: .relaxed) })
      return true
    },
  ]

  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  private static func publish(
    _ set: @escaping @Sendable (borrowing Atomic<Bool>) -> Void,
    _ isSet: @escaping @Sendable (borrowing Atomic<Bool>) -> Bool
  ) throws -> Bool {
    let flag = Flag()
    let number = Unguarded(0)
    let waiting = WaitPolicy(workers: 2, cores: 1)
    let found = try ThreadGroup.run(workers: 2) { communicator in
      // So that the writer is not through, and everything ordered, before the reader is there.
      try communicator.barrier()
      if communicator.rank == 0 {
        number.pointer.pointee = 17
        set(flag.isSet)
        return 17
      }
      waiting.until { isSet(flag.isSet) }
      return number.pointer.pointee
    }
    return found == [17, 17]
  }
}
