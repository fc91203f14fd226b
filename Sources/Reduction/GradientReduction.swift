/// How a training step turns the workers' gradients into updated parameters that all workers hold.
///
/// A step is `begin`, one `addChunk` for each chunk of this worker's run, and `complete`. All workers make the exchange
/// with agreeing arguments and take the same steps.
public protocol GradientExchange: AnyObject {
  /// The numbers of the vector that is summed, and of the shared vector.
  var count: Int { get }

  /// The part of the vector that this worker updates; may be empty.
  var slice: Range<Int> { get }

  /// Where the workers' slices begin, without empty ones; the same on all workers.
  var sliceStarts: [Int] { get }

  /// The numbers that this worker reads between steps, equal on all workers.
  var shared: UnsafeMutablePointer<Float> { get }

  /// Writes the shared numbers before the first step: from rank 0, which has them. Collective.
  func distribute(_ values: [Float]?) throws

  /// Begins a step: this worker will add the chunks of its run of `plan`, in order.
  func begin(_ plan: SumPlan)

  /// Adds the next chunk of this worker's run: `fill` writes all `count` of its numbers.
  func addChunk(_ fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows

  /// Ends a step: every chunk's numbers are summed, and each worker updates its slice of `shared`. Collective.
  ///
  /// - Parameters:
  ///   - inspect: takes the whole slice and its sums before the first of them is used, once on every worker, also where the
  ///     slice is empty; so it may be collective. Nil saves a pass over the slice.
  ///   - update: takes a range of the vector and its sums, of which the first belongs to the range's first number; it writes
  ///     the same range of `shared`. Called for consecutive parts of this worker's slice, whole vectors of 16.
  func complete(
    _ plan: SumPlan, inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?,
    update: (Range<Int>, UnsafePointer<Float>) -> Void) throws
}

extension GradientExchange {
  /// Ends a step in which nothing is inspected. Collective.
  public func complete(_ plan: SumPlan, update: (Range<Int>, UnsafePointer<Float>) -> Void) throws {
    try complete(plan, inspect: nil, update: update)
  }
}
