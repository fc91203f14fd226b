import Communication
import NeuralNet

/// One worker's part of the training steps: gradients of its chunks, the exchange, and Adam on its slice.
package final class TrainingStep {
  /// The parts of a step, in the order in which they end.
  package enum Phase: Int, CaseIterable, Sendable {
    /// Packing the parameters.
    case packing
    /// Reading pixels and drawing dropout masks.
    case loading
    /// Forward, with the loss.
    case forward
    /// Backward.
    case backward
    /// Adding up the chunks' gradients, the exchange, and Adam.
    case exchange
  }

  /// The numbers that ride behind the gradient in the exchange: sums over the batch.
  private enum Tail {
    static let loss = NetworkDefinition.layout.paddedCount
    static let correct = loss + 1
    /// Above zero if a worker was asked to stop.
    static let stop = loss + 2
    static let count = 16
  }

  /// The batch's sums as all workers see them after the exchange, for progress. (History is summed in sample order.)
  package struct BatchSums {
    let loss: Float
    let correct: Float
    /// Whether a worker with a part in the step was asked to stop: all see the same.
    let stops: Bool
  }

  /// Called as a phase ends, for a benchmark that wants to know where the time goes.
  package var phaseEnded: ((Phase) -> Void)?

  /// Raised to stop the run.
  var stop: StopFlag?

  /// The length of the vector that is exchanged.
  static let vectorLength = NetworkDefinition.layout.paddedCount + Tail.count

  /// The parameters and the tail, as all workers have them.
  let exchange: any GradientExchange

  private let network: Network
  private let table: RowTable
  private let seed: UInt64
  private let optimizer: Adam
  var moments: AdamMoments
  /// The steps taken since the run began.
  var stepsTaken = 0
  private var labels = [UInt8](repeating: 0, count: DropoutMasks.samples)
  private var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: DropoutMasks.samples)

  package init(
    _ communicator: any Communicator, table: RowTable, configuration: TrainingConfiguration, chunksPerWorker: Int
  ) throws {
    exchange =
      switch configuration.allReduce {
      case .canonical: try CanonicalExchange(communicator, count: Self.vectorLength, chunksPerWorker: chunksPerWorker)
      case .mpi: AllReduceExchange(communicator, count: Self.vectorLength)
      }
    network = Network(training: configuration.dropout ? .keras : .none)
    optimizer = Adam(learningRate: configuration.learningRate)
    moments = AdamMoments(range: exchange.slice.clamped(to: 0..<NetworkDefinition.layout.paddedCount))
    seed = configuration.seed
    self.table = table
  }

  /// The parameters, `NetworkDefinition.layout.paddedCount` numbers, as of the last step.
  var parameters: UnsafePointer<Float> { UnsafePointer(exchange.shared) }

  /// A copy of the parameters.
  func copyParameters() -> [Float] {
    Array(UnsafeBufferPointer(start: parameters, count: NetworkDefinition.layout.paddedCount))
  }

  /// Gives every worker rank 0's parameters. Collective.
  package func distribute(_ parameters: [Float]?) throws {
    try exchange.distribute(parameters.map { $0 + [Float](repeating: 0, count: Tail.count) })
  }

  /// Takes one step. Collective.
  ///
  /// - Parameters:
  ///   - rows: this worker's rows, in order; cut into chunks of 8.
  ///   - pass: the epoch of the dropout masks' key.
  ///   - history: receives this worker's results, sample by sample.
  @discardableResult
  package func take(
    _ layout: BatchLayout, rows: ArraySlice<Int32>, pass: Int, history: inout EpochHistory
  ) throws -> BatchSums {
    network.pack(parameters)
    phaseEnded?(.packing)
    exchange.begin(layout.plan)
    var start = rows.startIndex
    while start < rows.endIndex {
      let chunk = rows[start..<min(start + DropoutMasks.samples, rows.endIndex)]
      exchange.addChunk { computeGradient(chunk, pass: pass, into: $0, history: &history) }
      phaseEnded?(.exchange)
      start = chunk.endIndex
    }
    stepsTaken += 1
    let constants = optimizer.constants(step: stepsTaken, samples: layout.samples)
    let shared = exchange.shared
    try exchange.complete(layout.plan) { range, sums in
      moments.step(constants, part: range.clamped(to: moments.range), gradient: sums, parameters: shared)
      publishTail(range, sums)
    }
    phaseEnded?(.exchange)
    return BatchSums(loss: shared[Tail.loss], correct: shared[Tail.correct], stops: shared[Tail.stop] > 0)
  }

  private func computeGradient(
    _ rows: ArraySlice<Int32>, pass: Int, into slot: UnsafeMutablePointer<Float>, history: inout EpochHistory
  ) {
    for (sample, row) in rows.enumerated() {
      network.load(table.pixels(Int(row)), sample: sample)
      network.drawMasks(seed: seed, epoch: pass, row: Int(row), sample: sample)
      labels[sample] = table.label(Int(row))
    }
    phaseEnded?(.loading)
    labels.withUnsafeBufferPointer { labels in
      let labels = UnsafeBufferPointer(rebasing: labels[..<rows.count])
      results.withUnsafeMutableBufferPointer { results in
        guard let results = results.baseAddress else { return }
        network.forward(labels: labels, results: results)
      }
      phaseEnded?(.forward)
      network.backward(labels: labels, into: slot)
    }
    phaseEnded?(.backward)
    var (loss, correct) = (Float(0), Float(0))
    for sample in 0..<rows.count {
      let isCorrect = results[sample].prediction == Int32(labels[sample])
      history.append(loss: results[sample].loss, isCorrect: isCorrect)
      loss += results[sample].loss
      correct += isCorrect ? 1 : 0
    }
    slot[Tail.loss] = loss
    slot[Tail.correct] = correct
    slot[Tail.stop] = stop?.signal ?? 0 == 0 ? 0 : 1
  }

  /// Copies what a range has of the numbers behind the parameters to where all workers read them.
  private func publishTail(_ range: Range<Int>, _ sums: UnsafePointer<Float>) {
    for place in range.clamped(to: Tail.loss..<Tail.loss + Tail.count) {
      exchange.shared[place] = sums[place - range.lowerBound]
    }
  }
}
