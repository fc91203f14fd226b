/// Why a description is not a network that this program computes.
public struct ArchitectureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The layer's name and class, e.g. `conv2d (Conv2D)`; nil where it is of the whole network.
  public let layer: String?
  /// What is wrong, and what is possible instead.
  public let problem: String

  /// An error of the whole network, or of a layer that is not known yet.
  public init(_ problem: String) { self.init(layer: nil, problem) }

  /// An error of a layer.
  public init(layer: String?, _ problem: String) {
    self.layer = layer
    self.problem = problem
  }

  /// The same error of the layer with that name, unless it names one.
  func of(_ layer: String) -> ArchitectureError { ArchitectureError(layer: self.layer ?? layer, problem) }

  /// The layer, if there is one, and the problem: what it does or is, or what is wrong with an option.
  public var description: String {
    guard let layer else { return problem }
    let isPredicate = ["is", "has", "needs", "gives", "ends", "comes"].contains { problem.hasPrefix("\($0) ") }
    return "layer '\(layer)'\(isPredicate ? "" : ":") \(problem)"
  }
}
