import Communication
import Monitoring

/// The results of an epoch's training samples. Each worker keeps its own, in order; rank 0 gathers them and sums in sample
/// order, so that the reported means are the same bits on any layout.
package struct EpochHistory {
  private var losses: [Float] = []
  private var correct: [UInt8] = []
  private var counts: [[Int]] = []

  package init() {}

  package mutating func removeAll() {
    losses.removeAll(keepingCapacity: true)
    correct.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
  }

  mutating func append(loss: Float, isCorrect: Bool) {
    losses.append(loss)
    correct.append(isCorrect ? 1 : 0)
  }

  /// The losses of the `count` samples that were added last.
  func lastLosses(_ count: Int) -> [Float] { Array(losses.suffix(count)) }

  /// Notes how many samples each worker gave to a step, by worker index.
  mutating func endStep(counts: [Int]) { self.counts.append(counts) }

  /// Adds what was collected to rank 0's sums, sample by sample, and starts over. Collective.
  ///
  /// The sums are one chain of additions in sample order, so that it does not matter where it is cut.
  mutating func fold(into sums: inout MeanSum, _ communicator: any Communicator) throws {
    communicator.heartbeat.enter(.history)
    let losses = try communicator.gather(losses, root: 0)
    let correct = try communicator.gather(correct, root: 0)
    if let losses, let correct {
      var next = [Int](repeating: 0, count: losses.count)
      for step in counts {
        for (workerIndex, count) in step.enumerated() {
          let rank = communicator.topology.order[workerIndex]
          for index in next[rank]..<next[rank] + count {
            sums.add(loss: losses[rank][index], isCorrect: correct[rank][index] == 1)
          }
          next[rank] += count
        }
      }
    }
    removeAll()
  }
}

/// Means over samples.
public struct Means: Codable, Equatable, Sendable {
  /// The mean cross-entropy loss, in nats.
  public let loss: Double
  /// The fraction of samples whose most probable label is the true one.
  public let accuracy: Double
}

/// Sums in double precision, in the order in which the samples are added.
package struct MeanSum: Codable, Equatable, Sendable {
  private(set) var loss = 0.0
  private(set) var correct = 0
  private(set) var count = 0

  mutating func add(loss: Float, isCorrect: Bool) {
    self.loss += Double(loss)
    correct += isCorrect ? 1 : 0
    count += 1
  }

  var means: Means { Means(loss: loss / Double(count), accuracy: Double(correct) / Double(count)) }

  /// Whether samples can have these sums.
  package var isPossible: Bool { correct >= 0 && count >= correct && count <= Int.max / 2 }
}
