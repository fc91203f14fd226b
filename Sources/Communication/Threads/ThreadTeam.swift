import Synchronization

/// What the members of one group of threads share: the table where each lays out its contribution to a collective call,
/// the barrier around it, mailboxes, and the objects that are made together.
final class ThreadTeam: @unchecked Sendable {
  // Sendable, because `contributions[r]` is written by worker r only, and read by others only between two barriers.

  /// What a worker brings to a collective call.
  struct Contribution {
    var operation: StaticString = ""
    var elementType: ElementType?
    var pointer: UnsafeMutableRawPointer?
    var count = 0
    /// What all workers must agree on besides the type: the root, the reduction; -1 where there is none.
    var agreement = -1
    /// What each worker chooses for itself: `split`'s color and key, `makeSharedSegment`'s size.
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
  ///   - members: the workers' ranks in the whole run; nil for all of them.
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
  // So readers are counted, and whoever leaves early waits for them; they leave soon, because every barrier is aborted.

  func startReading() { readers.wrappingAdd(1, ordering: .acquiringAndReleasing) }
  func stopReading() { readers.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
  func waitForReaders() { run.waiting.until { readers.load(ordering: .acquiring) == 0 } }

  /// An object that several members share: the first that asks makes it, the last that asks takes it away.
  ///
  /// - Parameters:
  ///   - call: the number of the collective call, so that a fast worker's next call does not find this one's object.
  ///   - part: which of the call's objects: the color, the node.
  ///   - members: how many members ask.
  func share<Product: AnyObject & Sendable>(call: Int, part: Int, members: Int, make: () -> Product) -> Product {
    products.withLock { products in
      let key = ProductKey(call: call, part: part)
      let entry = products[key] ?? (object: make(), asked: 0)
      products[key] = entry.asked + 1 == members ? nil : (entry.object, entry.asked + 1)
      return unsafeDowncast(entry.object, to: Product.self)
    }
  }
}
