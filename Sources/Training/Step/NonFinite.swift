import Platform
import Communication
import Datasets
import NeuralNet
import Optimizers

/// Which tensors a step made infinite or not a number, and where it began: for each tensor a set of `Fault`s.
package struct NonFiniteTensors: Sendable, Equatable {
  /// What of a tensor is not finite.
  package enum Fault: UInt8, CaseIterable, Sendable {
    /// The batch's gradient.
    case gradient = 1
    /// The gradient is finite, but what the optimizer keeps of it is not.
    case state = 2
    /// Gradient and state are finite, but the updated parameters are not.
    case parameters = 4
  }

  /// A bit set of faults for each tensor, in the layout's order; empty while there is none.
  private(set) var bits: [UInt8] = []

  /// Notes the faults of `part`, tensor by tensor.
  ///
  /// - Parameters:
  ///   - sums: the gradient, from the part's first number on.
  ///   - parameters: the whole flat buffer, after the update.
  mutating func note(
    _ part: Range<Int>, _ layout: ParameterLayout, sums: UnsafePointer<Float>, optimizer: ShardedOptimizer,
    parameters: UnsafePointer<Float>
  ) {
    let tensors = layout.tensors
    if bits.isEmpty { bits = [UInt8](repeating: 0, count: tensors.count) }
    for (index, tensor) in tensors.enumerated() {
      for place in tensor.range.clamped(to: part) {
        if !sums[place - part.lowerBound].isFinite {
          bits[index] |= Fault.gradient.rawValue
        } else if !optimizer.isStateFinite(at: place) {
          bits[index] |= Fault.state.rawValue
        } else if !parameters[place].isFinite {
          bits[index] |= Fault.parameters.rawValue
        }
      }
    }
  }

  /// The names of the tensors that have this fault.
  func names(_ fault: Fault, _ layout: ParameterLayout) -> [String] {
    zip(layout.tensors, bits).filter { $0.1 & fault.rawValue != 0 }.map(\.0.name)
  }

  mutating func formUnion(_ other: [UInt8]) {
    if bits.isEmpty { bits = [UInt8](repeating: 0, count: other.count) }
    for (index, faults) in other.enumerated() { bits[index] |= faults }
  }
}

/// The batch of a step in which something was not finite, as all workers know it.
struct NonFiniteBatch {
  private static let mostRows = 128

  private let loss: Float
  private var faults = NonFiniteTensors()
  private let rows: [Int32]
  private let losses: [Float]

  /// Brings the workers' parts together, in the order of the batch. Collective.
  ///
  /// - Parameters:
  ///   - loss: the batch's summed loss.
  ///   - faults: what this worker found in its slice.
  ///   - rows: this worker's rows, and `losses` theirs.
  init(
    _ communicator: any Communicator, loss: Float, faults: NonFiniteTensors, rows: ArraySlice<Int32>, losses: [Float]
  ) throws {
    self.loss = loss
    for bits in try communicator.allGather(faults.bits) { self.faults.formUnion(bits) }
    let order = communicator.topology.order
    let allRows = try communicator.allGather(Array(rows))
    let allLosses = try communicator.allGather(losses)
    self.rows = order.flatMap { allRows[$0] }
    self.losses = order.flatMap { allLosses[$0] }
  }

  /// The error, which all workers throw alike.
  func failure(epoch: Int, step: Int, source: DataSource, configuration: TrainingConfiguration) -> Failure {
    let text = """
      epoch \(epoch), step \(step): \(findings(configuration)). \(rowList(source))
      The run stops here, and nothing of this step is saved; what was saved before it, checkpoints too, is kept.
      """
    return Failure(.data, text, remedy: .lowerLearningRate(configuration.learningRate), isCollective: true)
  }

  /// What is not finite, the earliest first: the loss, then the gradient, then what is made of it.
  private func findings(_ configuration: TrainingConfiguration) -> String {
    let (layout, optimizer) = (configuration.architecture.layout, configuration.optimizer)
    var found: [String] = []
    if !loss.isFinite { found.append("the batch's loss is \(loss.isNaN ? "not a number" : "infinite")") }
    for fault in NonFiniteTensors.Fault.allCases {
      let names = faults.names(fault, layout)
      guard !names.isEmpty else { continue }
      let list = names.joined(separator: ", ")
      switch fault {
      case .gradient: found.append("the gradient is not finite in \(list)")
      case .state where optimizer == .lion: found.append("the momentum is not finite in \(list)")
      case .state: found.append("the gradient is so large that its square overflows in \(list)")
      case .parameters: found.append("the update makes parameters infinite in \(list)")
      }
    }
    return found.joined(separator: "; ")
  }

  /// The rows of the batch: first those whose own loss is not finite, then the others.
  private func rowList(_ source: DataSource) -> String {
    let bad = zip(rows, losses).filter { !$0.1.isFinite }.map(\.0)
    let good = zip(rows, losses).filter { $0.1.isFinite }.map(\.0)
    var sentences: [String] = []
    if !bad.isEmpty { sentences.append("Rows whose loss is not finite: \(Self.list(bad))") }
    if !good.isEmpty { sentences.append("\(bad.isEmpty ? "Rows" : "Other rows") of the batch: \(Self.list(good))") }
    if let numbering = source.rows.numbering { sentences.append(numbering) }
    return sentences.joined(separator: ". ") + "."
  }

  private static func list(_ rows: [Int32]) -> String {
    let shown = rows.prefix(mostRows).map(String.init).joined(separator: ", ")
    return rows.count > mostRows ? "\(shown), and \(rows.count - mostRows) more" : shown
  }
}

extension Remedy {
  /// Use a lower learning rate than this one, and check the batch's rows and the initial weights.
  static func lowerLearningRate(_ rate: Double) -> Remedy { Remedy("lower-learning-rate", "\(rate)") }
}
