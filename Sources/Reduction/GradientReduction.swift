/// How a training step turns the workers' gradients into updated parameters that all workers hold.
///
/// A step is `begin`, one `addMicroBatch` for each micro-batch of this worker's run, and `complete`. All workers make the
/// reduction with agreeing arguments and take the same steps.
public protocol GradientReduction: AnyObject {
  /// The vector that is summed, and shared.
  var regions: VectorRegions { get }

  /// The part of the vector that this worker updates; may be empty.
  var slice: Range<Int> { get }

  /// The numbers that this worker reads between steps, equal on all workers.
  var shared: UnsafeMutablePointer<Float> { get }

  /// Writes the shared numbers before the first step: from rank 0, which has them. Collective.
  func distribute(_ values: [Float]?) throws

  /// Begins a step: this worker will add the micro-batches of its run of `plan`, in order.
  func begin(_ plan: ReductionPlan)

  /// Adds the next micro-batch of this worker's run: `fill` writes all numbers of the vector.
  func addMicroBatch(_ fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows

  /// Ends a step: every micro-batch's numbers are summed, and each worker updates its slice of `shared`. Collective.
  ///
  /// - Parameters:
  ///   - inspect: takes the whole slice and its sums before the first of them is used, once on every worker, also where the
  ///     slice is empty; so it may be collective. Nil saves one traversal of the slice.
  ///   - update: takes consecutive parts of this worker's slice, whole vectors of 16 numbers in one region, and writes the same
  ///     range of `shared`. Returns whether that part is sound.
  /// - Returns: whether `update` found all parts sound, on all workers: the same on each of them.
  func complete(
    _ plan: ReductionPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (ReducedPart) -> Bool
  ) throws -> Bool
}

/// A vector of consecutive regions with meanings of their own, e.g. a gradient and the scalars appended to it.
public struct VectorRegions: Equatable, Sendable {
  /// The regions, in order; each is whole vectors of 16 numbers.
  public let ranges: [Range<Int>]

  /// Regions of these lengths, multiples of 16.
  public init(_ lengths: Int...) {
    precondition(lengths.allSatisfy { $0 > 0 && $0 % 16 == 0 }, "a region is whole vectors of 16 numbers")
    var ranges: [Range<Int>] = []
    for length in lengths {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + length)
    }
    self.ranges = ranges
  }

  /// The length of the vector.
  public var count: Int { ranges.last?.upperBound ?? 0 }

  /// Hands the parts of `range` to `body`, region by region, with their sums.
  ///
  /// - Parameter sums: of `range`, from its first number on.
  /// - Returns: whether `body` returned true for all of them.
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

/// Sums over a batch that are ready to be used: a part of a worker's slice that lies in one region.
public struct ReducedPart {
  /// The region's number.
  public let region: Int
  /// The numbers of the vector.
  public let range: Range<Int>
  /// Their sums, from the first number of `range` on.
  public let sums: UnsafePointer<Float>
}
