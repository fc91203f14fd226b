import Kernels

/// A layer's bias, or zeros where it has none: whole vectors for the products, and the gradient's sums.
struct BiasVector {
  /// The bias, padded with zeros.
  let values: UnsafeMutablePointer<Float>
  private let count: Int
  private let offset: Int?
  /// The sums of the gradient's rows, in whole vectors.
  let sums: UnsafeMutablePointer<Float>

  /// - Parameter offset: where the bias is in the flat buffers; nil for none.
  init(_ count: Int, offset: Int?, workspace: Workspace) {
    self.count = count
    self.offset = offset
    values = workspace.take(count)
    sums = workspace.take(count)
  }

  func pack(_ parameters: UnsafePointer<Float>) {
    if let offset { values.update(from: parameters + offset, count: count) }
  }

  /// Writes the sums of the gradient's rows, in order, into the flat gradient.
  func sum(
    _ rows: UnsafePointer<Float>, rows count: Int, stride: Int, into gradient: UnsafeMutablePointer<Float>
  ) {
    guard offset != nil else { return }
    sumRows(rows, count: count, columns: padded(self.count), stride: stride, into: sums)
    finish(into: gradient)
  }

  /// Writes the sums into the flat gradient.
  func finish(into gradient: UnsafeMutablePointer<Float>) {
    if let offset { (gradient + offset).update(from: sums, count: count) }
  }
}
