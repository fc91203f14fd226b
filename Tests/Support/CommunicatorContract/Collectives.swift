import Communication

extension ContractCase {
  /// Clauses about operations of the whole group.
  public static let collectives = [
    ContractCase("nobody passes a barrier before all have arrived", barrierHolds),
    ContractCase("broadcast: every type, root and length") { communicator in
      for type in elementTypes { try broadcast(communicator, type) }
    },
    ContractCase("all-reduce: every type, operation and length") { communicator in
      for type in elementTypes { try allReduce(communicator, type) }
    },
    ContractCase("reduce: every type, operation and root") { communicator in
      for type in elementTypes { try reduce(communicator, type) }
    },
    ContractCase("all-gather: every type, unequal lengths, some zero") { communicator in
      for type in elementTypes { try allGather(communicator, type) }
    },
    ContractCase("all-gather in place") { communicator in
      for type in elementTypes { try allGatherInPlace(communicator, type) }
    },
    ContractCase("gather: every type and root, unequal lengths, some zero") { communicator in
      for type in elementTypes { try gather(communicator, type) }
    },
    ContractCase("sums of integers wrap around", sumsWrap),
    ContractCase("counts that do not fit are typed errors", wrongCounts),
    ContractCase("a root that does not exist is a typed error", wrongRoot),
    ContractCase("array forms find out lengths", arrayForms),
  ]

  private static let lengths = [0, 1, 5, 1000, 30_000]

  private static func barrierHolds(_ communicator: any Communicator) throws {
    let segment = try communicator.makeSharedSegment(byteCount: 128 * communicator.size)
    let counts = { (worker: Int) in (segment.base + 128 * worker).assumingMemoryBound(to: Int.self) }
    let neighbours = communicator.topology.nodes[communicator.topology.nodeOfRank[communicator.rank]]
    for round in 1...100 {
      counts(communicator.rank).pointee = round
      try communicator.barrier()
      for other in neighbours { try expectEqual(counts(other).pointee, round, "worker \(other)'s round") }
      try communicator.barrier()
    }
  }

  private static func broadcast<Element: Transferable>(
    _ communicator: any Communicator, _ type: Element.Type
  ) throws {
    for length in lengths {
      for root in 0..<communicator.size {
        let expected = (0..<length).map { element(($0 + 3 * root) % 100, as: type) }
        var array = communicator.rank == root ? expected : [Element](repeating: 77, count: length)
        try communicator.broadcast(&array, root: root)
        try expectEqual(array, expected, "what \(root) broadcast as \(type)")
      }
    }
  }

  /// Worker `rank`'s contribution: smallest and largest lie with different workers from element to element.
  private static func term(_ index: Int, _ rank: Int, of size: Int) -> Int { (index + rank) % size + 1 }

  private static func combined<Element: Transferable>(
    _ index: Int, of size: Int, _ operation: ReductionOperation
  ) -> Element {
    switch operation {
    case .sum: element(size * (size + 1) / 2)
    case .minimum: element(1)
    case .maximum: element(size)
    }
  }

  private static func allReduce<Element: Transferable>(
    _ communicator: any Communicator, _ type: Element.Type
  ) throws {
    let size = communicator.size
    for length in lengths {
      for operation in ReductionOperation.allCases {
        var array = (0..<length).map { element(term($0, communicator.rank, of: size), as: type) }
        try communicator.allReduce(&array, operation)
        let expected: [Element] = (0..<length).map { combined($0, of: size, operation) }
        try expectEqual(array, expected, "the \(operation) as \(type)")
      }
    }
  }

  private static func reduce<Element: Transferable>(
    _ communicator: any Communicator, _ type: Element.Type
  ) throws {
    let size = communicator.size
    for root in 0..<size {
      for operation in ReductionOperation.allCases {
        var array = (0..<1000).map { element(term($0, communicator.rank, of: size), as: type) }
        try array.withUnsafeMutableBufferPointer { try communicator.reduce($0, operation, root: root) }
        let expected: [Element] = (0..<1000).map { combined($0, of: size, operation) }
        try expectEqual(
          communicator.rank == root ? array : expected, expected, "\(root)'s \(operation) as \(type)")
      }
    }
  }

  /// Unequal, and zero for some workers.
  private static func counts(_ communicator: any Communicator) -> [Int] {
    (0..<communicator.size).map { ($0 * 7 + 3) % 5 * 11 }
  }

  private static func part<Element: Transferable>(of rank: Int, count: Int) -> [Element] {
    (0..<count).map { element(rank * 13 % 50 + $0) }
  }

  private static func whole<Element: Transferable>(_ counts: [Int]) -> [Element] {
    counts.enumerated().flatMap { part(of: $0.offset, count: $0.element) }
  }

  private static func allGather<Element: Transferable>(
    _ communicator: any Communicator, _ type: Element.Type
  ) throws {
    let counts = counts(communicator)
    let own: [Element] = part(of: communicator.rank, count: counts[communicator.rank])
    var all = [Element](repeating: 77, count: counts.reduce(0, +))
    try own.withUnsafeBufferPointer { send in
      try all.withUnsafeMutableBufferPointer { try communicator.allGather(send, into: $0, counts: counts) }
    }
    try expectEqual(all, whole(counts), "what was gathered as \(type)")
  }

  private static func allGatherInPlace<Element: Transferable>(
    _ communicator: any Communicator, _ type: Element.Type
  ) throws {
    let counts = counts(communicator)
    let start = counts.prefix(communicator.rank).reduce(0, +)
    let end = start + counts[communicator.rank]
    var all = [Element](repeating: 77, count: counts.reduce(0, +))
    all.replaceSubrange(start..<end, with: part(of: communicator.rank, count: end - start))
    try all.withUnsafeMutableBufferPointer { buffer in
      try communicator.allGather(
        UnsafeBufferPointer(rebasing: buffer[start..<end]), into: buffer, counts: counts)
    }
    try expectEqual(all, whole(counts), "what was gathered in place as \(type)")
  }

  private static func gather<Element: Transferable>(
    _ communicator: any Communicator, _ type: Element.Type
  ) throws {
    let counts = counts(communicator)
    let own: [Element] = part(of: communicator.rank, count: counts[communicator.rank])
    for root in 0..<communicator.size {
      let isRoot = communicator.rank == root
      var all = [Element](repeating: 77, count: isRoot ? counts.reduce(0, +) : 0)
      try own.withUnsafeBufferPointer { send in
        try all.withUnsafeMutableBufferPointer {
          try communicator.gather(send, into: $0, counts: counts, root: root)
        }
      }
      try expectEqual(all, isRoot ? whole(counts) : [], "what \(root) gathered as \(type)")
    }
  }

  private static func sumsWrap(_ communicator: any Communicator) throws {
    let size = communicator.size
    try expectEqual(
      try communicator.allReduce(UInt8(200), .sum), UInt8(truncatingIfNeeded: 200 * size), "the sum of UInt8")
    let large = Int.max - 1
    try expectEqual(try communicator.allReduce(large, .sum), large &* size, "the sum of Int")
  }

  private static func wrongCounts(_ communicator: any Communicator) throws {
    let counts = [Int](repeating: 2, count: communicator.size)
    var all = [Float](repeating: 0, count: 2 * communicator.size)
    let short = try reason(of: "sending 1 element where 2 are announced") {
      try [Float(1)].withUnsafeBufferPointer { send in
        try all.withUnsafeMutableBufferPointer { try communicator.allGather(send, into: $0, counts: counts) }
      }
    }
    try expectEqual(short, .mismatchedLength(expected: 2, actual: 1), "the reason")
    let narrow = try reason(of: "a receive buffer that is too small") {
      try [Float(1), 2].withUnsafeBufferPointer { send in
        try all.withUnsafeMutableBufferPointer {
          try communicator.allGather(send, into: .init(rebasing: $0.dropLast()), counts: counts)
        }
      }
    }
    let total = 2 * communicator.size
    try expectEqual(narrow, .mismatchedLength(expected: total - 1, actual: total), "the reason")
    try communicator.barrier()
  }

  private static func wrongRoot(_ communicator: any Communicator) throws {
    for root in [-1, communicator.size] {
      var array = [Float(1)]
      let reason = try reason(of: "broadcasting from \(root)") { try communicator.broadcast(&array, root: root) }
      try expectEqual(reason, .invalidRank(root, size: communicator.size), "the reason")
    }
    try communicator.barrier()
  }

  private static func arrayForms(_ communicator: any Communicator) throws {
    let rank = communicator.rank
    let size = communicator.size
    for root in 0..<size {
      let isRoot = rank == root
      let known = (0..<root * 3).map { Int32($0) }
      try expectEqual(try communicator.broadcast(fromRoot: isRoot ? known : [], root: root), known, "the array")
      let text = "Größe \(root), 手話"
      try expectEqual(try communicator.broadcast(isRoot ? text : "", root: root), text, "the text")
      let gathered = try communicator.gather([Double](repeating: Double(rank), count: rank), root: root)
      let all = (0..<size).map { [Double](repeating: Double($0), count: $0) }
      try expectEqual(gathered, isRoot ? all : nil, "the arrays gathered by \(root)")
    }
    let arrays = try communicator.allGather([Int](repeating: rank, count: size - rank - 1))
    try expectEqual(arrays, (0..<size).map { Array(repeating: $0, count: size - $0 - 1) }, "all arrays")
    try expectEqual(try communicator.allGather(UInt64(rank * rank)), (0..<size).map { UInt64($0 * $0) }, "all values")
    try expectEqual(try communicator.allReduce(rank, .maximum), size - 1, "the largest rank")
  }
}
