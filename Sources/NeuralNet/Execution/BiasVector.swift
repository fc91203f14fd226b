import Kernels

/// A layer's bias, or zeros where it has none: whole vectors for the products, and the gradient's sums.
struct BiasVector {
  /// The bias, padded with zeros.
  let values: UnsafeMutablePointer<Float>
  private let count: Int
  private let offset: Int?
  private let sums: UnsafeMutablePointer<Float>

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
    guard let offset else { return }
    sumRows(rows, count: count, columns: padded(self.count), stride: stride, into: sums)
    (gradient + offset).update(from: sums, count: self.count)
  }

  /// Sums the rows of several calls: the first begins, and `finish` writes them into the flat gradient.
  func add(_ rows: UnsafePointer<Float>, rows count: Int, stride: Int, begins: Bool) {
    guard offset != nil else { return }
    if begins {
      sumRows(rows, count: count, columns: padded(self.count), stride: stride, into: sums)
    } else {
      addRows(rows, count: count, columns: padded(self.count), stride: stride, to: sums)
    }
  }

  func finish(into gradient: UnsafeMutablePointer<Float>) {
    if let offset { (gradient + offset).update(from: sums, count: count) }
  }
}
