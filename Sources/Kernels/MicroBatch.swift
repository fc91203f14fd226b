/// The samples whose gradients are computed together, by one worker, in a fixed order of operations.
///
/// A batch is cut into micro-batches, and their gradients are summed along a fixed tree, whoever computed them: so this number
/// is part of what makes a run's bits.
public enum MicroBatch {
  /// Samples of a micro-batch; the last one of a batch may have fewer.
  @inlinable
  public static var size: Int { 8 }
}
