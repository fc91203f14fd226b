import Communication

/// The gradient reduction between nodes: a reduce-scatter and an all-gather of slices, by messages.
///
/// Slice s is updated by the worker with worker index s. On every other node, the worker with local rank s modulo the
/// node's size serves it: it adds up the node's partial sums over the slice, sends the remaining ones to worker s, and
/// writes the updated slice that it gets back into the node's copy. So all workers of a node share the traffic.
extension ReproducibleReduction {
  /// A slice that a worker of another node updates and this worker serves on its own node.
  private struct ServedSlice {
    let number: Int
    let range: Range<Int>
    /// The rank of the worker that updates the slice.
    let updater: Int
  }

  func completeBetweenNodes(
    _ plan: ReductionPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (ReducedPart) -> Bool
  ) throws -> Bool {
    let served = servedSlices()
    for slice in served { addOnNode(plan, slice.range) }
    addOnNode(plan, slice)
    let isSound = try withReceiveBuffer(for: plan) { buffer in
      var requests: [any CommunicationRequest] = []
      try startReceivingPartials(plan, buffer, &requests)
      try startSendingPartials(plan, served, &requests)
      for request in requests { try request.wait() }
      let sums = slice.isEmpty ? UnsafePointer(buffer) : addBetweenNodes(plan, buffer)
      try inspect?(slice, sums)
      return regions.update(slice, sums, update)
    }
    return try gatherUpdated(served, isSound: isSound)
  }

  private var workers: Int { topology.order.count }

  /// The rank that serves slice `number` on a node other than its updater's.
  private func server(of number: Int, on node: Int) -> Int {
    topology.nodes[node][number % topology.nodes[node].count]
  }

  private func servedSlices() -> [ServedSlice] {
    (0..<workers).compactMap { number in
      let updater = topology.order[number]
      let range = Self.slice(number, of: workers, count: count)
      guard topology.nodeOfRank[updater] != node, !range.isEmpty else { return nil }
      guard server(of: number, on: node) == communicator.rank else { return nil }
      return ServedSlice(number: number, range: range, updater: updater)
    }
  }

  /// The nodes other than this one.
  private var otherNodes: [Int] { topology.nodes.indices.filter { $0 != node } }

  /// The partial sums from other nodes, in the order of the receive buffer.
  private func remotePartials(_ plan: ReductionPlan) -> [Int] {
    otherNodes.flatMap { plan.remainingOnNode[$0] }
  }

  private func withReceiveBuffer<Result>(
    for plan: ReductionPlan, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) throws -> Result {
    let needed = max(1, remotePartials(plan).count * slice.count)
    if received.count < needed { received = [Float](repeating: 0, count: needed) }
    return try received.withUnsafeMutableBufferPointer { try body($0.baseAddress!) }
  }

  private func startReceivingPartials(
    _ plan: ReductionPlan, _ received: UnsafeMutablePointer<Float>, _ requests: inout [any CommunicationRequest]
  ) throws {
    guard !slice.isEmpty else { return }
    var next = received
    for other in otherNodes {
      for _ in plan.remainingOnNode[other] {
        let target = UnsafeMutableBufferPointer(start: next, count: slice.count)
        requests.append(
          try communicator.startReceive(target, from: server(of: workerIndex, on: other), tag: workerIndex))
        next += slice.count
      }
    }
  }

  private func startSendingPartials(
    _ plan: ReductionPlan, _ served: [ServedSlice], _ requests: inout [any CommunicationRequest]
  ) throws {
    for slice in served {
      for partial in plan.remainingOnNode[node] {
        let source = UnsafeBufferPointer(
          start: buffer(plan.partials[partial]) + slice.range.lowerBound, count: slice.range.count)
        requests.append(try communicator.startSend(source, to: slice.updater, tag: slice.number))
      }
    }
  }

  /// Performs the additions between nodes over this worker's slice, and returns the total.
  private func addBetweenNodes(_ plan: ReductionPlan, _ received: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
    var sums: [Int: UnsafeMutablePointer<Float>] = [:]
    for partial in plan.remainingOnNode[node] {
      sums[partial] = buffer(plan.partials[partial]) + slice.lowerBound
    }
    for (index, partial) in remotePartials(plan).enumerated() { sums[partial] = received + index * slice.count }
    for addition in plan.additionsBetweenNodes {
      guard let source = sums[addition.source], let target = sums[addition.target] else {
        preconditionFailure("the plan adds partial sums that do not remain on any node")
      }
      add(source, to: target, 0..<slice.count)
    }
    guard let total = sums[0] else { preconditionFailure("the first partial sum is not the total") }
    return UnsafePointer(total)
  }

  /// The length of the trailer of a slice's message: whether the slice is sound, as a vector of 16 numbers.
  private static var trailer: Int { 16 }

  /// Sends this worker's updated slice to every other node, and receives the slices that it serves.
  ///
  /// - Returns: whether this worker's slice and those that it serves are sound.
  private func gatherUpdated(_ served: [ServedSlice], isSound: Bool) throws -> Bool {
    let lengths = served.map { $0.range.count + Self.trailer }
    let needed = slice.count + Self.trailer + lengths.reduce(0, +)
    if updated.count < needed { updated = [Float](repeating: 0, count: needed) }
    return try updated.withUnsafeMutableBufferPointer { buffer in
      let own = UnsafeMutableBufferPointer(rebasing: buffer[..<(slice.count + Self.trailer)])
      var requests: [any CommunicationRequest] = []
      var start = own.count
      var incoming: [UnsafeMutableBufferPointer<Float>] = []
      for (slice, length) in zip(served, lengths) {
        let target = UnsafeMutableBufferPointer(rebasing: buffer[start..<start + length])
        requests.append(try communicator.startReceive(target, from: slice.updater, tag: workers + slice.number))
        incoming.append(target)
        start += length
      }
      if !slice.isEmpty { try startSendingUpdated(own, isSound: isSound, &requests) }
      for request in requests { try request.wait() }
      var areSound = isSound
      for (slice, message) in zip(served, incoming) {
        guard let numbers = message.baseAddress else { continue }
        (shared + slice.range.lowerBound).update(from: numbers, count: slice.range.count)
        areSound = areSound && message[slice.range.count] == 1
      }
      return areSound
    }
  }

  private func startSendingUpdated(
    _ message: UnsafeMutableBufferPointer<Float>, isSound: Bool, _ requests: inout [any CommunicationRequest]
  ) throws {
    guard let numbers = message.baseAddress else { return }
    numbers.update(from: shared + slice.lowerBound, count: slice.count)
    (numbers + slice.count).update(repeating: isSound ? 1 : 0, count: Self.trailer)
    for other in otherNodes {
      requests.append(
        try communicator.startSend(
          UnsafeBufferPointer(message), to: server(of: workerIndex, on: other), tag: workers + workerIndex))
    }
  }
}
