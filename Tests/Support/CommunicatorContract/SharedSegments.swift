import Communication

extension ContractCase {
  /// Clauses about memory that the workers of a node share.
  public static let segments = [
    ContractCase("a segment is aligned, zeroed and as large as asked", freshSegment),
    ContractCase("what one worker wrote before a barrier, all of its node see after it", visibility),
    ContractCase("nodes have segments of their own", separateNodes),
    ContractCase("several segments at once, many one after the other", manySegments),
    ContractCase("a group's segment is shared by the group alone", groupSegment),
    ContractCase("workers of a node that ask for different sizes get a typed error", differentSizes),
    ContractCase("a poisoned segment lets nobody wait", poison),
  ]

  private static func neighbours(_ communicator: any Communicator) -> [Int] {
    communicator.topology.nodes[communicator.topology.nodeOfRank[communicator.rank]]
  }

  private static func integers(_ segment: SharedSegment) -> UnsafeMutableBufferPointer<Int> {
    UnsafeMutableBufferPointer(start: segment.base.assumingMemoryBound(to: Int.self), count: segment.byteCount / 8)
  }

  private static func freshSegment(_ communicator: any Communicator) throws {
    let neighbours = neighbours(communicator)
    for byteCount in [0, 1, 1000, 1 << 20] {
      let segment = try communicator.makeSharedSegment(byteCount: byteCount)
      try expectEqual(segment.byteCount, byteCount, "the size")
      try expectEqual(UInt(bitPattern: segment.base) % 128, 0, "the address modulo 128")
      try expectEqual(segment.localSize, neighbours.count, "the number of workers")
      try expectEqual(neighbours[segment.localRank], communicator.rank, "the local rank's worker")
      let bytes = UnsafeRawBufferPointer(start: segment.base, count: byteCount)
      try expectEqual(bytes.allSatisfy { $0 == 0 }, true, "all bytes being zero")
      try segment.barrier()
    }
  }

  private static func visibility(_ communicator: any Communicator) throws {
    let segment = try communicator.makeSharedSegment(byteCount: 8 * communicator.size)
    let values = integers(segment)
    for round in 1...2000 {
      values[segment.localRank] = round * 100 + segment.localRank
      try segment.barrier()
      for other in 0..<segment.localSize {
        try expectEqual(values[other], round * 100 + other, "local worker \(other)'s value")
      }
      try segment.barrier()
    }
  }

  private static func separateNodes(_ communicator: any Communicator) throws {
    let segment = try communicator.makeSharedSegment(byteCount: 8)
    let leader = neighbours(communicator)[0]
    if segment.localRank == 0 { integers(segment)[0] = 1000 + leader }
    try communicator.barrier()
    try segment.barrier()
    try expectEqual(integers(segment)[0], 1000 + leader, "the node's value")
  }

  private static func manySegments(_ communicator: any Communicator) throws {
    let lasting = try communicator.makeSharedSegment(byteCount: 8)
    if lasting.localRank == 0 { integers(lasting)[0] = 0 }
    try lasting.barrier()
    for round in 1...40 {
      let segment = try communicator.makeSharedSegment(byteCount: 64 * round)
      try expectEqual(integers(segment).allSatisfy { $0 == 0 }, true, "all values being zero")
      try segment.barrier()
      if segment.localRank == round % segment.localSize {
        for index in integers(segment).indices { integers(segment)[index] = round }
        integers(lasting)[0] += 1
      }
      try segment.barrier()
      try expectEqual(integers(segment).allSatisfy { $0 == round }, true, "all values being \(round)")
      try expectEqual(integers(lasting)[0], round, "the lasting segment's value")
    }
  }

  private static func groupSegment(_ communicator: any Communicator) throws {
    let group = try communicator.split(color: communicator.rank % 2, key: 0)!
    let segment = try group.makeSharedSegment(byteCount: 8)
    let members = neighbours(communicator).filter { $0 % 2 == communicator.rank % 2 }
    try expectEqual(segment.localSize, members.count, "the number of workers")
    if segment.localRank == segment.localSize - 1 { integers(segment)[0] = communicator.rank + 1 }
    try segment.barrier()
    try expectEqual(integers(segment)[0], members.last! + 1, "the group's value")
  }

  private static func differentSizes(_ communicator: any Communicator) throws {
    let neighbours = neighbours(communicator)
    let localRank = neighbours.firstIndex(of: communicator.rank)!
    var reason: CommunicationError.Reason?
    do {
      _ = try communicator.makeSharedSegment(byteCount: 64 + localRank)
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
    let segment = try communicator.makeSharedSegment(byteCount: 8)
    try segment.barrier()
    if segment.localRank == 0 { segment.poison() }
    for _ in 0..<2 {
      let reason = try reason(of: "a barrier in a poisoned segment") { try segment.barrier() }
      try expectEqual(reason, .aborted, "the reason")
    }
    try communicator.barrier()
  }
}
