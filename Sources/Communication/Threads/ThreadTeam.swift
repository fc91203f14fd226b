import Synchronization

/// The state shared by the members of a group of threads: their contributions to collective calls, the barrier, the
/// mailboxes, and objects that they create together.
final class ThreadTeam: @unchecked Sendable {
  // Sendable, because only worker r writes `contributions[r]`, and others read it only between two barriers.

  /// A worker's contribution to a collective call.
  struct Contribution {
    var operation: StaticString = ""
    var elementType: ElementType?
    var pointer: UnsafeMutableRawPointer?
    var count = 0
    /// What must be equal on all workers besides the type: the root, the reduction; -1 for none.
    var agreement = -1
    /// What each worker chooses for itself: the color and key of `split`, the size of `makeSharedSegment`.
    var color: Int?
    var key = 0
  }

  private struct ProductKey: Hashable {
    let call: Int
    let part: Int
  }

  let run: ThreadRun
  let size: Int
  /// The members' ranks in the whole run.
  let members: [Int]
  let topology: Topology
  let mailboxes: [ThreadMailbox]
  let contributions: UnsafeMutablePointer<Contribution>
  let barrierMemory: SegmentMemory

  private let readers = Atomic<Int>(0)
  private let products = Mutex<[ProductKey: (object: any AnyObject & Sendable, asked: Int)]>([:])

  /// - Parameters:
  ///   - nodeKeys: one key per worker; workers with equal keys share memory.
  ///   - members: the members' ranks in the whole run; nil for all workers.
  init(run: ThreadRun, nodeKeys: [Int], members: [Int]? = nil) {
    self.run = run
    self.members = members ?? Array(nodeKeys.indices)
    size = nodeKeys.count
    topology = Topology(keys: nodeKeys)
    mailboxes = nodeKeys.map { _ in ThreadMailbox() }
    contributions = .allocate(capacity: nodeKeys.count)
    contributions.initialize(repeating: Contribution(), count: nodeKeys.count)
    barrierMemory = run.makeMemory(byteCount: 0, members: self.members)
  }

  deinit {
    contributions.deinitialize(count: size)
    contributions.deallocate()
  }

  // A worker that leaves a collective call early, because the run is aborted, frees buffers that others may still read.
  // So readers are counted, and a worker that leaves early waits for them; they finish soon, because every barrier is
  // aborted.

  func startReading() { readers.wrappingAdd(1, ordering: .acquiringAndReleasing) }
  func stopReading() { readers.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
  func waitForReaders() { run.waiting.until { readers.load(ordering: .acquiring) == 0 } }

  /// An object that several members share: the first to call creates it, the last removes it from the table.
  ///
  /// - Parameters:
  ///   - call: the number of the collective call, so that a fast worker's next call does not find this one's object.
  ///   - part: which of the call's objects: the color, or the node.
  ///   - members: the number of members that share it.
  func share<Product: AnyObject & Sendable>(call: Int, part: Int, members: Int, make: () -> Product) -> Product {
    products.withLock { products in
      let key = ProductKey(call: call, part: part)
      let entry = products[key] ?? (object: make(), asked: 0)
      products[key] = entry.asked + 1 == members ? nil : (entry.object, entry.asked + 1)
      return unsafeDowncast(entry.object, to: Product.self)
    }
  }
}
