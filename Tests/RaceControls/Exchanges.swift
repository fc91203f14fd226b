import Communication
import Kernels
import Reduction

private let count = 16 * 64
private let workers = 2

/// A step of training in small: what the workers write and read is in the segment, and kernels write and read it in vectors.
extension Control {
  static let exchanges = [
    Control(name: "segment", isRace: false) { try shareHalves(meets: true) },
    Control(name: "segment-without-meeting", isRace: true) {
      _ = try shareHalves(meets: false)
      return true
    },
    Control(name: "exchange", isRace: false) { try step { $0.slice } },
    // A worker that updates one vector too many.
    Control(name: "exchange-beyond-slice", isRace: true) {
      _ = try step { $0.slice.lowerBound..<min($0.slice.upperBound + 16, count) }
      return true
    },
  ]

  /// Each worker writes its half of a segment, and reads the other's.
  private static func shareHalves(meets: Bool) throws -> Bool {
    let half = count / workers
    let sums = try ThreadGroup.run(workers: workers) { communicator in
      let segment = try communicator.makeSharedSegment(byteCount: count * MemoryLayout<Float>.stride)
      let numbers = segment.base.assumingMemoryBound(to: Float.self)
      let ones = [Float](repeating: 1, count: half)
      var others = [Float](repeating: 0, count: half)
      addElements(ones, to: numbers + communicator.rank * half, count: half)
      if meets { try segment.meet() }
      addElements(numbers + (1 - communicator.rank) * half, to: &others, count: half)
      try segment.meet()
      return others.reduce(0, +)
    }
    return sums == [Float](repeating: Float(half), count: workers)
  }

  /// Two micro-batches a worker are summed, and each worker adds the sums of a range to the shared numbers.
  private static func step(_ range: @escaping @Sendable (ReproducibleReduction) -> Range<Int>) throws -> Bool {
    let results = try ThreadGroup.run(workers: workers) { communicator in
      let plan = ReductionPlan(microBatches: 2 * workers, topology: communicator.topology)
      let exchange = try ReproducibleReduction(communicator, count: count, microBatchesPerWorker: 2)
      try exchange.distribute(communicator.rank == 0 ? [Float](repeating: 0, count: count) : nil)
      let ones = [Float](repeating: 1, count: count)
      exchange.begin(plan)
      for _ in 0..<2 {
        exchange.addMicroBatch { slot in
          slot.update(repeating: 0, count: count)
          addElements(ones, to: slot, count: count)
        }
      }
      let updated = range(exchange)
      // With `inspect`, `update` is called once, with the whole slice.
      try exchange.complete(plan, inspect: { _, _ in }) { slice, sums in
        addElements(sums, to: exchange.shared + slice.lowerBound, count: slice.count)
        let beyond = updated.count - slice.count
        if beyond > 0 { addElements(ones, to: exchange.shared + slice.upperBound, count: beyond) }
      }
      return UnsafeBufferPointer(start: exchange.shared, count: count).allSatisfy { $0 == Float(2 * workers) }
    }
    return results == Array(repeating: true, count: workers)
  }
}
