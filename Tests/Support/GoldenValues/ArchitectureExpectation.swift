import FoundationEssentials

extension ArchitectureGolden {
  /// What Keras computed in double precision, without dropout, from the formula's weights.
  public struct Expectation: Sendable {
    /// [11, classes]: of samples 0 ..< 11.
    public let probabilities: [Double]
    /// [11]: their cross-entropies.
    public let losses: [Double]
    /// The gradient of the SUM of these losses, by tensor name.
    public let gradients: [String: TensorExpectation]
    /// [4]: mean losses, each before its step, of three steps of Adam(1e-3) on the gradient of the MEAN loss over samples
    /// 0 ..< 11, 11 ..< 22 and 22 ..< 33; and at last of samples 0 ..< 11 after them.
    public let stepLosses: [Double]
    /// The parameters after these steps, by tensor name.
    public let parameters: [String: TensorExpectation]
  }

  /// What the steps of `Expectation.stepLosses` are made with.
  public static let learningRate: Float = 1e-3

  /// What Keras made of this architecture.
  public func expected() throws -> Expectation {
    let file = try TensorFile(Self.folder.appending(path: "\(name).safetensors"))
    var gradients: [String: TensorExpectation] = [:]
    var parameters: [String: TensorExpectation] = [:]
    for tensor in tensors {
      gradients[tensor.name] = try expectation("gradient", tensor, in: file)
      parameters[tensor.name] = try expectation("parameter", tensor, in: file)
    }
    // A gradient that is small beside the others has their error.
    let floor = 1e-3 * (gradients.values.map(\.greatest).max() ?? 0)
    for name in gradients.keys { gradients[name]!.greatest = max(gradients[name]!.greatest, floor) }
    return Expectation(
      probabilities: try file["probabilities"], losses: try file["losses"], gradients: gradients,
      stepLosses: try file["step_losses"], parameters: parameters)
  }

  private func expectation(_ role: String, _ tensor: Tensor, in file: TensorFile) throws -> TensorExpectation {
    if let values = file.find("\(role)/\(tensor.name)") {
      guard values.count == tensor.count else {
        throw TensorFileError("\(name): \(role)/\(tensor.name) has \(values.count) values, not \(tensor.count)")
      }
      return TensorExpectation(count: tensor.count, indices: Array(values.indices), values: values)
    }
    let values = try file["\(role)-sample/\(tensor.name)"]
    let indices = sampledIndices(size: tensor.count, count: values.count)
    var expectation = TensorExpectation(count: tensor.count, indices: indices, values: values)
    if let summary = file.find("\(role)-summary/\(tensor.name)") {
      expectation.greatest = summary[0]
      expectation.summary = (self, norm: summary[1], projections: Array(summary[2...]))
    }
    return expectation
  }
}

/// Expected values of a tensor: all of them; or of a large one some of them, its norm, and its products with some directions.
public struct TensorExpectation: Sendable {
  /// The number of values that the tensor has.
  public let count: Int
  /// Where `values` are in the tensor.
  public let indices: [Int]
  /// The expected values at `indices`.
  public let values: [Double]
  /// The greatest magnitude of the tensor, or a thousandth of that of all gradients if this is greater.
  public internal(set) var greatest: Double
  /// Of a large gradient: its norm, and its products with the formula's directions.
  package var summary: (of: ArchitectureGolden, norm: Double, projections: [Double])?

  package init(count: Int, indices: [Int], values: [Double]) {
    (self.count, self.indices, self.values) = (count, indices, values)
    greatest = values.map(abs).max() ?? 0
  }

  /// The greatest difference of a value from the expected one, in terms of the tensor's greatest magnitude; infinite for another
  /// number of values.
  public func error(of actual: [Float]) -> Double { error(of: actual.map(Double.init)) }

  /// The same of values in double precision.
  public func error(of actual: [Double]) -> Double {
    guard actual.count == count, greatest > 0 else { return .infinity }
    let differences = zip(indices, values).map { index, value in abs(actual[index] - value) }
    // max() passes a NaN by.
    return differences.allSatisfy(\.isFinite) ? (differences.max() ?? .infinity) / greatest : .infinity
  }

  /// Of a large gradient the greatest difference of norm or projections, in terms of the norm; of a small one zero. It sees what
  /// happens beside the sampled values: one wrong value of N changes a projection by some 1 / sqrt(N) of the norm.
  public func summaryError(of actual: [Float]) -> Double { summaryError(of: actual.map(Double.init)) }

  /// The same of values in double precision.
  public func summaryError(of actual: [Double]) -> Double {
    guard let (golden, norm, projections) = summary else { return 0 }
    guard actual.count == count, norm > 0, actual.allSatisfy(\.isFinite) else { return .infinity }
    let length = actual.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let differences = projections.indices.map { abs(golden.projection(of: actual, on: $0) - projections[$0]) }
    return max(abs(length - norm), differences.max() ?? .infinity) / norm
  }

  /// The mean difference of a value from the expected one. Of parameters after steps of Adam, which are as long as the learning
  /// rate where a gradient is nothing but rounding, it is the measure; infinite for another number of values.
  public func meanDifference(of actual: [Float]) -> Double {
    guard actual.count == count, !indices.isEmpty else { return .infinity }
    return zip(indices, values).reduce(0) { $0 + abs(Double(actual[$1.0]) - $1.1) } / Double(indices.count)
  }
}
