import Communication
import Datasets
import Monitoring
import NeuralNet
import Transforms

/// What the network says about a set of samples, sample by sample.
public struct Evaluation: Sendable {
  /// The true labels.
  public let labels: [UInt16]
  /// The most probable labels.
  public let predictions: [UInt16]
  /// The losses, in nats.
  public let losses: [Float]
  /// The probabilities of the most probable labels.
  public let probabilities: [Float]

  /// Loss and accuracy, summed in sample order.
  public var means: Means {
    var sum = MeanSum()
    for i in labels.indices { sum.add(loss: losses[i], isCorrect: labels[i] == predictions[i]) }
    return sum.means
  }
}

/// Evaluates parameters on rows: the workers share the rows, rank 0 gathers the results.
final class Evaluator {
  /// The samples of a block: large enough to stream the weights seldom, small enough for a second-level cache. Of the default network
  /// 8 to 32 take the same time; of a convolutional one (Conv2D(32), Conv2D(64), Dense(128)) 16 take a tenth less than 32.
  private static let blockSamples = 16

  private let network: Network
  let table: RowTable
  let rows: Range<Int>
  let communicator: any Communicator

  /// - Parameter rows: this worker's rows; all workers' rows, in the topology's order, are the evaluated set.
  init(
    _ communicator: any Communicator, _ architecture: Architecture, table: RowTable, rows: Range<Int>,
    preprocessing: Preprocessing = .unit
  ) {
    network = Network(inference: architecture, samples: Self.blockSamples, preprocessing: preprocessing)
    self.communicator = communicator
    self.table = table
    self.rows = rows
  }

  /// This worker's part of rows that all workers can read.
  static func share(of rows: Range<Int>, _ communicator: any Communicator) -> Range<Int> {
    let workerIndex = communicator.workerIndex
    let workers = communicator.size
    return rows.lowerBound + workerIndex * rows.count / workers..<rows.lowerBound + (workerIndex + 1) * rows.count
      / workers
  }

  /// All rows' results in their order, on rank 0; nil elsewhere. Collective.
  ///
  /// - Parameter corruption: what is done to the images first.
  func evaluate(_ parameters: UnsafePointer<Float>, under corruption: Corruption? = nil) throws -> Evaluation? {
    communicator.heartbeat.enter(.validation)
    network.pack(parameters)
    let labels = rows.map { table.label($0) }
    var predictions: [UInt16] = []
    var losses: [Float] = []
    var probabilities: [Float] = []
    var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: Self.blockSamples)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockSamples) {
      communicator.heartbeat.advance()
      let block = start..<min(start + Self.blockSamples, rows.upperBound)
      for row in block { load(row, sample: row - start, under: corruption) }
      let blockLabels = labels[start - rows.lowerBound..<block.upperBound - rows.lowerBound]
      blockLabels.withUnsafeBufferPointer { labels in
        results.withUnsafeMutableBufferPointer { results in
          guard let results = results.baseAddress else { return }
          network.forward(labels: labels, results: results)
        }
      }
      for sample in 0..<block.count {
        predictions.append(UInt16(results[sample].prediction))
        losses.append(results[sample].loss)
        probabilities.append(network.probability(of: Int(results[sample].prediction), sample: sample))
      }
    }
    return try gather(labels, predictions, losses, probabilities)
  }

  private func load(_ row: Int, sample: Int, under corruption: Corruption?) {
    guard let corruption else { return network.load(table.pixels(row), sample: sample) }
    network.load(corruption.image(table.image(row), format: table.format, row: row), sample: sample)
  }

  private func gather(
    _ labels: [UInt16], _ predictions: [UInt16], _ losses: [Float], _ probabilities: [Float]
  ) throws -> Evaluation? {
    let labels = try communicator.gather(labels.map { Int32($0) }, root: 0)
    let predictions = try communicator.gather(predictions.map { Int32($0) }, root: 0)
    let losses = try communicator.gather(losses, root: 0)
    let probabilities = try communicator.gather(probabilities, root: 0)
    guard let labels, let predictions, let losses, let probabilities else { return nil }
    let order = communicator.topology.order
    return Evaluation(
      labels: order.flatMap { labels[$0].map { UInt16($0) } },
      predictions: order.flatMap { predictions[$0].map { UInt16($0) } },
      losses: order.flatMap { losses[$0] }, probabilities: order.flatMap { probabilities[$0] })
  }
}

/// Evaluates a network with a model's parameters on a source of rows: loads it, shares the work, and gives rank 0 the
/// results (nil elsewhere). Collective.
///
/// - Parameters:
///   - preprocessing: that of the model's training.
///   - corruptions: what is done to the images, nil being nothing; there is a result for each.
public func evaluate(
  _ architecture: Architecture, _ parameters: [Float], on source: DataSource, preprocessing: Preprocessing = .unit,
  under corruptions: [Corruption?] = [nil], _ communicator: any Communicator
) throws -> [Evaluation]? {
  var source = source
  source.request = architecture.rowRequest
  let table = try RowTable.load(source, communicator, shared: true)
  let rows = Evaluator.share(of: 0..<table.totalRows, communicator)
  let evaluator = Evaluator(communicator, architecture, table: table, rows: rows, preprocessing: preprocessing)
  let evaluations = try corruptions.map { try evaluator.evaluate(parameters, under: $0) }
  return communicator.rank == 0 ? evaluations.compactMap { $0 } : nil
}
