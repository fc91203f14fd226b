import Communication
import Kernels
import Reduction

private let count = 16 * 64
private let workers = 2

/// A step of training in small: what the workers write and read is in the segment, and kernels write and read it in vectors.
extension Control {
  static let reductions = [
    Control(name: "segment", isRace: false) { try shareHalves(waits: true) },
    Control(name: "segment-without-barrier", isRace: true) {
      _ = try shareHalves(waits: false)
      return true
    },
    Control(name: "reduction", isRace: false) { try step { $0.slice } },
    // A worker that updates one vector too many.
    Control(name: "reduction-beyond-slice", isRace: true) {
      _ = try step { $0.slice.lowerBound..<min($0.slice.upperBound + 16, count) }
      return true
    },
  ]

  /// Each worker writes its half of a segment, and reads the other's.
  private static func shareHalves(waits: Bool) throws -> Bool {
    let half = count / workers
    let sums = try ThreadGroup.run(workers: workers) { communicator in
      let segment = try communicator.makeSharedSegment(byteCount: count * MemoryLayout<Float>.stride)
      let numbers = segment.base.assumingMemoryBound(to: Float.self)
      let ones = [Float](repeating: 1, count: half)
      var others = [Float](repeating: 0, count: half)
      addElements(ones, to: numbers + communicator.rank * half, count: half)
      if waits { try segment.barrier() }
      addElements(numbers + (1 - communicator.rank) * half, to: &others, count: half)
      try segment.barrier()
      return others.reduce(0, +)
    }
    return sums == [Float](repeating: Float(half), count: workers)
  }

  /// Two micro-batches per worker are summed, and each worker adds the sums of a range to the shared numbers.
  private static func step(_ range: @escaping @Sendable (ReproducibleReduction) -> Range<Int>) throws -> Bool {
    let results = try ThreadGroup.run(workers: workers) { communicator in
      let plan = ReductionPlan(microBatches: 2 * workers, topology: communicator.topology)
      let reduction = try ReproducibleReduction(communicator, regions: VectorRegions(count), microBatchesPerWorker: 2)
      try reduction.distribute(communicator.rank == 0 ? [Float](repeating: 0, count: count) : nil)
      let ones = [Float](repeating: 1, count: count)
      reduction.begin(plan)
      for _ in 0..<2 {
        reduction.addMicroBatch { sum in
          sum.update(repeating: 0, count: count)
          addElements(ones, to: sum, count: count)
        }
      }
      let updated = range(reduction)
      // With `inspect`, `update` is called once, with the whole slice.
      _ = try reduction.complete(plan, inspect: { _, _ in }) { part in
        addElements(part.sums, to: reduction.shared + part.range.lowerBound, count: part.range.count)
        let beyond = updated.count - part.range.count
        if beyond > 0 { addElements(ones, to: reduction.shared + part.range.upperBound, count: beyond) }
        return true
      }
      return UnsafeBufferPointer(start: reduction.shared, count: count).allSatisfy { $0 == Float(2 * workers) }
    }
    return results == Array(repeating: true, count: workers)
  }
}
