/// A micro-batch: the samples whose gradient one worker computes at once, in a fixed order of operations.
///
/// A batch is split into micro-batches, and their gradients are summed along a fixed tree, whichever workers computed
/// them. So the size of a micro-batch determines the bits of a run, and the number of workers does not.
public enum MicroBatch {
  /// The number of samples per micro-batch; the last one of a batch may have fewer.
  @inlinable
  public static var size: Int { 8 }
}
