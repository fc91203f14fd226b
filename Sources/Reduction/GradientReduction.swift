/// The gradient reduction of a training step: turns the workers' gradients into updated parameters on all workers.
///
/// A training step is `begin`, one `addMicroBatch` per micro-batch of this worker's run, and `complete`. All workers
/// create the reduction with the same arguments and take the same steps.
public protocol GradientReduction: AnyObject {
  /// The regions of the vector that is summed and shared.
  var regions: VectorRegions { get }

  /// The part of the vector that this worker updates; may be empty.
  var slice: Range<Int> { get }

  /// The shared vector (the parameters), which this worker reads between steps; equal on all workers.
  var shared: UnsafeMutablePointer<Float> { get }

  /// Initialises the shared vector on all workers from rank 0's `values`, before the first step. Collective.
  ///
  /// - Parameter values: `regions.count` numbers on rank 0; ignored elsewhere.
  func distribute(_ values: [Float]?) throws

  /// Begins a step, in which this worker adds the micro-batches of its run of `plan`, in order.
  func begin(_ plan: ReductionPlan)

  /// Adds the next micro-batch of this worker's run: `fill` writes the micro-batch's whole vector.
  func addMicroBatch(_ fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows

  /// Completes a step: sums the vectors of all micro-batches, and lets each worker update its slice of `shared`.
  /// Collective.
  ///
  /// - Parameters:
  ///   - inspect: receives the whole slice and its sums before any of them is used. Called once on every worker, even if
  ///     its slice is empty, so it may be collective. nil saves one traversal of the slice.
  ///   - update: called with consecutive parts of this worker's slice, each in one region and with bounds that are
  ///     multiples of 16; writes the same range of `shared`. Returns whether the part is sound.
  /// - Returns: whether all calls of `update` on all workers returned true: the same value on all workers.
  func complete(
    _ plan: ReductionPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (ReducedPart) -> Bool
  ) throws -> Bool
}

/// The regions of a vector, e.g. a gradient and the scalars appended to it.
public struct VectorRegions: Equatable, Sendable {
  /// The consecutive regions; their lengths are multiples of 16.
  public let ranges: [Range<Int>]

  /// Regions of these lengths, multiples of 16.
  public init(_ lengths: Int...) {
    precondition(lengths.allSatisfy { $0 > 0 && $0 % 16 == 0 }, "a region's length is a positive multiple of 16")
    var ranges: [Range<Int>] = []
    for length in lengths {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + length)
    }
    self.ranges = ranges
  }

  /// The length of the vector.
  public var count: Int { ranges.last?.upperBound ?? 0 }

  /// Calls `body` with the part of `range` in each region that it overlaps.
  ///
  /// - Parameter sums: the sums of `range`, starting at its first number.
  /// - Returns: whether `body` returned true for all parts.
  @inline(__always)
  func update(_ range: Range<Int>, _ sums: UnsafePointer<Float>, _ body: (ReducedPart) -> Bool) -> Bool {
    var isSound = true
    for (region, whole) in ranges.enumerated() where whole.overlaps(range) {
      let part = range.clamped(to: whole)
      let ok = body(ReducedPart(region: region, range: part, sums: sums + (part.lowerBound - range.lowerBound)))
      isSound = ok && isSound
    }
    return isSound
  }
}

/// Completed sums over a batch: a part of a worker's slice within one region.
public struct ReducedPart {
  /// The region's index.
  public let region: Int
  /// The part's range in the vector.
  public let range: Range<Int>
  /// The sums, starting at the first number of `range`.
  public let sums: UnsafePointer<Float>
}
