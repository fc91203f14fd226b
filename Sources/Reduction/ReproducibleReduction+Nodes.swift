/// The part of the exchange that crosses nodes: a reduce-scatter and an all-gather of slices, by messages.
///
/// Slice s belongs to the worker at position s. On every other node, the worker with local number s modulo the node's size
/// serves it: it adds up the node's slots over the slice, sends what is left to the owner, and writes the updated numbers
/// that come back into the node's copy. So all workers of a node share the traffic.
extension CanonicalExchange {
  /// A slice of another node's worker that this worker serves on its node.
  private struct ServedSlice {
    let number: Int
    let range: Range<Int>
    let owner: Int
  }

  func completeBetweenNodes(
    _ plan: SumPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (Range<Int>, UnsafePointer<Float>) -> Void
  ) throws {
    let served = servedSlices()
    for slice in served { addOnNode(plan, slice.range) }
    addOnNode(plan, slice)
    try withReceiveBuffer(for: plan) { buffer in
      var requests: [any CommunicationRequest] = []
      try startReceivingPartials(plan, buffer, &requests)
      try startSendingPartials(plan, served, &requests)
      for request in requests { try request.wait() }
      let sums = slice.isEmpty ? UnsafePointer(buffer) : addBetweenNodes(plan, buffer)
      try inspect?(slice, sums)
      if !slice.isEmpty { update(slice, sums) }
    }
    try exchangeUpdated(served)
  }

  private var workers: Int { topology.order.count }

  /// The worker that serves slice `number` on a node it does not belong to.
  private func server(of number: Int, on node: Int) -> Int {
    topology.nodes[node][number % topology.nodes[node].count]
  }

  private func servedSlices() -> [ServedSlice] {
    (0..<workers).compactMap { number in
      let owner = topology.order[number]
      let range = Self.slice(number, of: workers, count: count)
      guard topology.nodeOfRank[owner] != node, !range.isEmpty else { return nil }
      guard server(of: number, on: node) == communicator.rank else { return nil }
      return ServedSlice(number: number, range: range, owner: owner)
    }
  }

  /// The nodes other than this one.
  private var otherNodes: [Int] { topology.nodes.indices.filter { $0 != node } }

  /// The partial sums that come from other nodes, in the order of their places in the receive buffer.
  private func foreignPartials(_ plan: SumPlan) -> [Int] {
    otherNodes.flatMap { plan.remainingOnNode[$0] }
  }

  private func withReceiveBuffer(
    for plan: SumPlan, _ body: (UnsafeMutablePointer<Float>) throws -> Void
  ) throws {
    let needed = max(1, foreignPartials(plan).count * slice.count)
    if received.count < needed { received = [Float](repeating: 0, count: needed) }
    try received.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { try body(base) }
    }
  }

  private func startReceivingPartials(
    _ plan: SumPlan, _ buffer: UnsafeMutablePointer<Float>, _ requests: inout [any CommunicationRequest]
  ) throws {
    guard !slice.isEmpty else { return }
    var place = buffer
    for other in otherNodes {
      for _ in plan.remainingOnNode[other] {
        let target = UnsafeMutableBufferPointer(start: place, count: slice.count)
        requests.append(try communicator.startReceive(target, from: server(of: position, on: other), tag: position))
        place += slice.count
      }
    }
  }

  private func startSendingPartials(
    _ plan: SumPlan, _ served: [ServedSlice], _ requests: inout [any CommunicationRequest]
  ) throws {
    for slice in served {
      for partial in plan.remainingOnNode[node] {
        let source = UnsafeBufferPointer(
          start: place(plan.partials[partial]) + slice.range.lowerBound, count: slice.range.count)
        requests.append(try communicator.startSend(source, to: slice.owner, tag: slice.number))
      }
    }
  }

  /// Performs the additions between nodes over this worker's slice, and gives the place of the sums.
  private func addBetweenNodes(_ plan: SumPlan, _ buffer: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
    var places: [Int: UnsafeMutablePointer<Float>] = [:]
    for partial in plan.remainingOnNode[node] {
      places[partial] = place(plan.partials[partial]) + slice.lowerBound
    }
    for (index, partial) in foreignPartials(plan).enumerated() { places[partial] = buffer + index * slice.count }
    for addition in plan.additionsBetweenNodes {
      guard let source = places[addition.source], let target = places[addition.target] else {
        preconditionFailure("the plan adds partial sums that no node is left with")
      }
      add(source, to: target, 0..<slice.count)
    }
    guard let sums = places[0] else { preconditionFailure("the whole sum lies in the first partial's place") }
    return UnsafePointer(sums)
  }

  /// Sends this worker's updated slice to every other node, and takes the slices that it serves.
  private func exchangeUpdated(_ served: [ServedSlice]) throws {
    var requests: [any CommunicationRequest] = []
    for slice in served {
      let target = UnsafeMutableBufferPointer(start: shared + slice.range.lowerBound, count: slice.range.count)
      requests.append(try communicator.startReceive(target, from: slice.owner, tag: workers + slice.number))
    }
    if !slice.isEmpty {
      let source = UnsafeBufferPointer(start: UnsafePointer(shared + slice.lowerBound), count: slice.count)
      for other in otherNodes {
        requests.append(
          try communicator.startSend(source, to: server(of: position, on: other), tag: workers + position))
      }
    }
    for request in requests { try request.wait() }
  }
}
