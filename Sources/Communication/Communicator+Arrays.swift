// Convenience methods: arrays, single values and text instead of buffers, and lengths that receivers need not know.

extension Communicator {
  /// Broadcasts `root`'s elements to every worker; all arrays must have the same length.
  public func broadcast<Element: Transferable>(_ array: inout [Element], root: Int) throws {
    try array.withUnsafeMutableBufferPointer { try broadcast($0, root: root) }
  }

  /// Broadcasts `root`'s array, whose length only `root` needs to know; the other workers' arguments are ignored.
  public func broadcast<Element: Transferable>(fromRoot array: [Element], root: Int) throws -> [Element] {
    var count = [array.count]
    try broadcast(&count, root: root)
    var result = rank == root ? array : [Element](repeating: .zero, count: count[0])
    try broadcast(&result, root: root)
    return result
  }

  /// Broadcasts `root`'s text; the other workers' arguments are ignored.
  public func broadcast(_ text: String, root: Int) throws -> String {
    String(decoding: try broadcast(fromRoot: Array(text.utf8), root: root), as: UTF8.self)
  }

  /// Combines the workers' arrays, which must have the same length, element by element; every worker gets the result.
  public func allReduce<Element: Transferable>(_ array: inout [Element], _ operation: ReductionOperation) throws {
    try array.withUnsafeMutableBufferPointer { try allReduce($0, operation) }
  }

  /// Combines the workers' values; every worker gets the result.
  public func allReduce<Element: Transferable>(_ value: Element, _ operation: ReductionOperation) throws -> Element {
    var array = [value]
    try allReduce(&array, operation)
    return array[0]
  }

  /// Gathers every worker's value on all workers, in rank order.
  public func allGather<Element: Transferable>(_ value: Element) throws -> [Element] {
    try allGather([value], counts: [Int](repeating: 1, count: size))
  }

  /// Gathers every worker's array on all workers, in rank order; lengths may differ and need not be known.
  public func allGather<Element: Transferable>(_ array: [Element]) throws -> [[Element]] {
    let counts = try allGather(array.count)
    return split(try allGather(array, counts: counts), counts: counts)
  }

  /// Gathers every worker's array on `root`, in rank order; returns nil elsewhere. Lengths may differ and need not be
  /// known.
  public func gather<Element: Transferable>(_ array: [Element], root: Int) throws -> [[Element]]? {
    let counts = try allGather(array.count)
    var all = [Element](repeating: .zero, count: rank == root ? counts.reduce(0, +) : 0)
    try array.withUnsafeBufferPointer { send in
      try all.withUnsafeMutableBufferPointer { try gather(send, into: $0, counts: counts, root: root) }
    }
    return rank == root ? split(all, counts: counts) : nil
  }

  /// Sends an array to another worker.
  public func send<Element: Transferable>(_ array: [Element], to rank: Int, tag: Int) throws {
    try array.withUnsafeBufferPointer { try send($0, to: rank, tag: tag) }
  }

  /// Receives `count` elements from another worker.
  public func receive<Element: Transferable>(
    _ type: Element.Type, count: Int, from rank: Int, tag: Int
  ) throws -> [Element] {
    var array = [Element](repeating: .zero, count: count)
    try array.withUnsafeMutableBufferPointer { try receive($0, from: rank, tag: tag) }
    return array
  }

  private func allGather<Element: Transferable>(_ array: [Element], counts: [Int]) throws -> [Element] {
    var all = [Element](repeating: .zero, count: counts.reduce(0, +))
    try array.withUnsafeBufferPointer { send in
      try all.withUnsafeMutableBufferPointer { try allGather(send, into: $0, counts: counts) }
    }
    return all
  }

  private func split<Element>(_ elements: [Element], counts: [Int]) -> [[Element]] {
    var rest = elements[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }
}

extension Communicator {
  /// This worker's index in the topology's node-major order.
  public var workerIndex: Int { topology.workerIndexOfRank[rank] }
}
