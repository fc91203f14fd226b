// The everyday forms: arrays, single values and text instead of buffers, and lengths that the receivers do not know yet.

extension Communicator {
  /// Copies `root`'s elements to every worker; every worker's array has the same length.
  public func broadcast<Element: Transferable>(_ array: inout [Element], root: Int) throws {
    try array.withUnsafeMutableBufferPointer { try broadcast($0, root: root) }
  }

  /// `root`'s array, of a length that only `root` knows; what the others pass is ignored.
  public func broadcast<Element: Transferable>(fromRoot array: [Element], root: Int) throws -> [Element] {
    var count = [array.count]
    try broadcast(&count, root: root)
    var result = rank == root ? array : [Element](repeating: .zero, count: count[0])
    try broadcast(&result, root: root)
    return result
  }

  /// `root`'s text; what the others pass is ignored.
  public func broadcast(_ text: String, root: Int) throws -> String {
    String(decoding: try broadcast(fromRoot: Array(text.utf8), root: root), as: UTF8.self)
  }

  /// Combines the workers' arrays, which have the same length, element by element and leaves the result with every worker.
  public func allReduce<Element: Transferable>(_ array: inout [Element], _ operation: ReductionOperation) throws {
    try array.withUnsafeMutableBufferPointer { try allReduce($0, operation) }
  }

  /// The workers' values combined.
  public func allReduce<Element: Transferable>(_ value: Element, _ operation: ReductionOperation) throws -> Element {
    var array = [value]
    try allReduce(&array, operation)
    return array[0]
  }

  /// Every worker's value, in rank order.
  public func allGather<Element: Transferable>(_ value: Element) throws -> [Element] {
    try allGather([value], counts: [Int](repeating: 1, count: size))
  }

  /// Every worker's array, in rank order; the lengths may differ and need not be known.
  public func allGather<Element: Transferable>(_ array: [Element]) throws -> [[Element]] {
    let counts = try allGather(array.count)
    return cut(try allGather(array, counts: counts), counts: counts)
  }

  /// Every worker's array, in rank order, with `root`; nil elsewhere. The lengths may differ and need not be known.
  public func gather<Element: Transferable>(_ array: [Element], root: Int) throws -> [[Element]]? {
    let counts = try allGather(array.count)
    var all = [Element](repeating: .zero, count: rank == root ? counts.reduce(0, +) : 0)
    try array.withUnsafeBufferPointer { send in
      try all.withUnsafeMutableBufferPointer { try gather(send, into: $0, counts: counts, root: root) }
    }
    return rank == root ? cut(all, counts: counts) : nil
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

  private func cut<Element>(_ elements: [Element], counts: [Int]) -> [[Element]] {
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
