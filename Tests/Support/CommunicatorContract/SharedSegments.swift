import Communication

extension ContractCase {
  /// Clauses about memory that the workers of a node share.
  public static let arenas = [
    ContractCase("an arena is aligned, zeroed and as large as asked", freshArena),
    ContractCase("what one worker wrote before a meeting, all of its node see after it", visibility),
    ContractCase("nodes have arenas of their own", separateNodes),
    ContractCase("several arenas at once, many one after the other", manyArenas),
    ContractCase("a group's arena is shared by the group alone", groupArena),
    ContractCase("workers of a node that ask for different sizes get a typed error", differentSizes),
    ContractCase("a poisoned arena lets nobody wait", poison),
  ]

  private static func neighbours(_ communicator: any Communicator) -> [Int] {
    communicator.topology.nodes[communicator.topology.nodeOfRank[communicator.rank]]
  }

  private static func integers(_ arena: SharedArena) -> UnsafeMutableBufferPointer<Int> {
    UnsafeMutableBufferPointer(start: arena.base.assumingMemoryBound(to: Int.self), count: arena.byteCount / 8)
  }

  private static func freshArena(_ communicator: any Communicator) throws {
    let neighbours = neighbours(communicator)
    for byteCount in [0, 1, 1000, 1 << 20] {
      let arena = try communicator.makeArena(byteCount: byteCount)
      try expectEqual(arena.byteCount, byteCount, "the size")
      try expectEqual(UInt(bitPattern: arena.base) % 128, 0, "the address modulo 128")
      try expectEqual(arena.localSize, neighbours.count, "the number of workers")
      try expectEqual(neighbours[arena.localRank], communicator.rank, "the local rank's worker")
      let bytes = UnsafeRawBufferPointer(start: arena.base, count: byteCount)
      try expectEqual(bytes.allSatisfy { $0 == 0 }, true, "all bytes being zero")
      try arena.meet()
    }
  }

  private static func visibility(_ communicator: any Communicator) throws {
    let arena = try communicator.makeArena(byteCount: 8 * communicator.size)
    let values = integers(arena)
    for round in 1...2000 {
      values[arena.localRank] = round * 100 + arena.localRank
      try arena.meet()
      for other in 0..<arena.localSize {
        try expectEqual(values[other], round * 100 + other, "local worker \(other)'s value")
      }
      try arena.meet()
    }
  }

  private static func separateNodes(_ communicator: any Communicator) throws {
    let arena = try communicator.makeArena(byteCount: 8)
    let leader = neighbours(communicator)[0]
    if arena.localRank == 0 { integers(arena)[0] = 1000 + leader }
    try communicator.barrier()
    try arena.meet()
    try expectEqual(integers(arena)[0], 1000 + leader, "the node's value")
  }

  private static func manyArenas(_ communicator: any Communicator) throws {
    let lasting = try communicator.makeArena(byteCount: 8)
    if lasting.localRank == 0 { integers(lasting)[0] = 0 }
    try lasting.meet()
    for round in 1...40 {
      let arena = try communicator.makeArena(byteCount: 64 * round)
      try expectEqual(integers(arena).allSatisfy { $0 == 0 }, true, "all values being zero")
      try arena.meet()
      if arena.localRank == round % arena.localSize {
        for index in integers(arena).indices { integers(arena)[index] = round }
        integers(lasting)[0] += 1
      }
      try arena.meet()
      try expectEqual(integers(arena).allSatisfy { $0 == round }, true, "all values being \(round)")
      try expectEqual(integers(lasting)[0], round, "the lasting arena's value")
    }
  }

  private static func groupArena(_ communicator: any Communicator) throws {
    let group = try communicator.split(color: communicator.rank % 2, key: 0)!
    let arena = try group.makeArena(byteCount: 8)
    let members = neighbours(communicator).filter { $0 % 2 == communicator.rank % 2 }
    try expectEqual(arena.localSize, members.count, "the number of workers")
    if arena.localRank == arena.localSize - 1 { integers(arena)[0] = communicator.rank + 1 }
    try arena.meet()
    try expectEqual(integers(arena)[0], members.last! + 1, "the group's value")
  }

  private static func differentSizes(_ communicator: any Communicator) throws {
    let neighbours = neighbours(communicator)
    let localRank = neighbours.firstIndex(of: communicator.rank)!
    var reason: CommunicationError.Reason?
    do {
      _ = try communicator.makeArena(byteCount: 64 + localRank)
    } catch let error as CommunicationError {
      reason = error.reason
    }
    // Alone on a node, a worker agrees with itself.
    var isInvalidArgument = false
    if case .invalidArgument = reason { isInvalidArgument = true }
    try expectEqual(isInvalidArgument, neighbours.count > 1, "there being an error on a node of \(neighbours.count)")
    try communicator.barrier()
  }

  private static func poison(_ communicator: any Communicator) throws {
    let arena = try communicator.makeArena(byteCount: 8)
    try arena.meet()
    if arena.localRank == 0 { arena.poison() }
    for _ in 0..<2 {
      let reason = try reason(of: "meeting in a poisoned arena") { try arena.meet() }
      try expectEqual(reason, .aborted, "the reason")
    }
    try communicator.barrier()
  }
}
