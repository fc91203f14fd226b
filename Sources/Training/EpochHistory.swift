import Communication

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

  /// Notes how many samples each worker gave to a step, by position.
  mutating func endStep(counts: [Int]) { self.counts.append(counts) }

  /// The means over the epoch's samples, on rank 0; nil elsewhere. Collective.
  func means(_ communicator: any Communicator) throws -> Means? {
    communicator.progress.enter(Activity.history)
    let losses = try communicator.gather(losses, root: 0)
    let correct = try communicator.gather(correct, root: 0)
    guard let losses, let correct else { return nil }
    var means = MeanSum()
    var places = [Int](repeating: 0, count: losses.count)
    for step in counts {
      for (position, count) in step.enumerated() {
        let rank = communicator.topology.order[position]
        for place in places[rank]..<places[rank] + count {
          means.add(loss: losses[rank][place], isCorrect: correct[rank][place] == 1)
        }
        places[rank] += count
      }
    }
    return means.means
  }
}

/// Means over samples.
public struct Means: Equatable, Sendable {
  /// The mean cross-entropy loss, in nats.
  public let loss: Double
  /// The fraction of samples whose most probable label is the true one.
  public let accuracy: Double
}

/// Sums in double precision, in the order in which the samples are added.
struct MeanSum {
  private var loss = 0.0
  private var correct = 0
  private var count = 0

  mutating func add(loss: Float, isCorrect: Bool) {
    self.loss += Double(loss)
    correct += isCorrect ? 1 : 0
    count += 1
  }

  var means: Means { Means(loss: loss / Double(count), accuracy: Double(correct) / Double(count)) }
}
