extension ThreadCommunicator {
  func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws {
    try checkRank("broadcast", root)
    try collectively(contribution("broadcast", buffer, agreement: root)) {
      try checkEqualCounts("broadcast")
      if rank != root { copy(self.buffer(of: root, as: Element.self), to: buffer.baseAddress) }
    }
  }

  func allReduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation
  ) throws {
    try collectively(contribution("allReduce", buffer, agreement: operation.index)) {
      try combineOwnSlice(buffer, operation, "allReduce")
      collectSlices(buffer)
    }
  }

  func reduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation, root: Int
  ) throws {
    try checkRank("reduce", root)
    try collectively(contribution("reduce", buffer, agreement: root * 3 + operation.index)) {
      try combineOwnSlice(buffer, operation, "reduce")
      if rank == root { collectSlices(buffer) }
    }
  }

  func allGather<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int]
  ) throws {
    try collectively(contribution("allGather", UnsafeMutableBufferPointer(mutating: send))) {
      try collect(into: receive, counts: counts, "allGather")
    }
  }

  func gather<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int], root: Int
  ) throws {
    try checkRank("gather", root)
    try collectively(contribution("gather", UnsafeMutableBufferPointer(mutating: send), agreement: root)) {
      if rank == root { try collect(into: receive, counts: counts, "gather") }
    }
  }

  private func contribution<Element: Transferable>(
    _ operation: StaticString, _ buffer: UnsafeMutableBufferPointer<Element>, agreement: Int = -1
  ) -> Contribution {
    Contribution(
      operation: operation, elementType: Element.elementType, pointer: UnsafeMutableRawPointer(buffer.baseAddress),
      count: buffer.count, agreement: agreement)
  }

  // An in-place reduction: worker w combines slice w of all buffers into its own buffer. It reads and writes slice w
  // only, so no worker reads what another writes. After a barrier, every worker copies the slices of the others.

  private func slice(of worker: Int, count: Int) -> Range<Int> {
    count * worker / size..<count * (worker + 1) / size
  }

  private func combineOwnSlice<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation, _ name: StaticString
  ) throws {
    try checkEqualCounts(name)
    let buffers = (0..<size).map { self.buffer(of: $0, as: Element.self) }
    for index in slice(of: rank, count: buffer.count) {
      var value = buffers[0][index]
      for other in 1..<size { value = operation.combine(value, buffers[other][index]) }
      buffer[index] = value
    }
    try barrier(name)
  }

  private func collectSlices<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>) {
    for other in 0..<size where other != rank {
      let source = self.buffer(of: other, as: Element.self)
      for index in slice(of: other, count: buffer.count) { buffer[index] = source[index] }
    }
  }

  private func collect<Element: Transferable>(
    into receive: UnsafeMutableBufferPointer<Element>, counts: [Int], _ name: StaticString
  ) throws {
    guard counts.count == size else {
      throw error(name, .invalidArgument("there are \(counts.count) counts for \(size) workers"))
    }
    guard receive.count == counts.reduce(0, +) else {
      throw error(name, .mismatchedLength(expected: receive.count, actual: counts.reduce(0, +)))
    }
    var offset = 0
    for other in 0..<size {
      let source = buffer(of: other, as: Element.self)
      guard source.count == counts[other] else {
        throw error(name, .mismatchedLength(expected: counts[other], actual: source.count))
      }
      copy(source, to: receive.baseAddress.map { $0 + offset })
      offset += source.count
    }
  }

  private func copy<Element: Transferable>(
    _ source: UnsafeMutableBufferPointer<Element>, to destination: UnsafeMutablePointer<Element>?
  ) {
    guard let from = source.baseAddress, let destination, from != destination else { return }
    destination.update(from: from, count: source.count)
  }
}

extension ReductionOperation {
  /// The operation's index in `allCases`.
  var index: Int {
    switch self {
    case .sum: 0
    case .minimum: 1
    case .maximum: 2
    }
  }

  /// Combines two elements.
  @inline(__always)
  func combine<Element: Transferable>(_ a: Element, _ b: Element) -> Element {
    switch self {
    case .sum: Element.sum(a, b)
    case .minimum: Swift.min(a, b)
    case .maximum: Swift.max(a, b)
    }
  }
}
