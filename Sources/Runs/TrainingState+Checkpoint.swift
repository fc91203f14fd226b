import FoundationEssentials
import ModelFiles
import NeuralNet
import Platform
import Training

extension TrainingState {
  private static let bestName = "best"

  /// What the scalars' JSON is made of.
  private struct Scalars: Codable {
    var position: TrainingPosition
    var log: TrainingLog
  }

  /// The state as a checkpoint of the run of that identity.
  package func checkpoint(
    of identity: RunIdentity, _ architecture: Architecture, programVersion: String
  ) throws -> Checkpoint {
    let all = vectors + (best.map { [NamedVector(name: Self.bestName, values: $0)] } ?? [])
    return Checkpoint(
      programVersion: programVersion, identity: try JSONText.encode(identity),
      state: try JSONText.encode(Scalars(position: position, log: log)), architecture: architecture,
      vectors: all.map { Checkpoint.Vector(name: $0.name, values: $0.values) })
  }

  /// What the training images of a checkpoint's run look like; nil where it does not tell.
  static func images(of checkpoint: Checkpoint) -> TrainingImages? {
    let scalars: Scalars? = try? JSONText.decode(checkpoint.state, "the state's JSON")
    return scalars?.log.images.flatMap { $0.isPossible ? $0 : nil }
  }

  /// The state that a checkpoint holds.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    let scalars: Scalars = try JSONText.decode(checkpoint.state, "the state's JSON")
    let vectors = checkpoint.vectors.map { NamedVector(name: $0.name, values: $0.values) }
    self.init(
      position: scalars.position, log: scalars.log, vectors: vectors.filter { $0.name != Self.bestName },
      best: vectors.first { $0.name == Self.bestName }?.values)
    guard position.isPossible, log.epochs.count == position.epoch - 1, log.isPossible else {
      throw .malformed("its numbers contradict one another")
    }
    guard best != nil || log.epochs.isEmpty else { throw .malformed("'\(Self.bestName)' is missing") }
  }
}

extension TrainingPosition {
  /// Whether a run can be there: epochs are equally long, and so are data epochs.
  fileprivate var isPossible: Bool {
    guard (0...1 << 53).contains(stepsTaken), (1...1 << 30).contains(epoch), (0...1 << 30).contains(dataEpoch),
      (0...stepsTaken).contains(epochStep), (0...stepsTaken).contains(dataEpochStep)
    else { return false }
    // An epoch ends with its last step, a data epoch only when the next step is taken.
    return Self.areEqual(epoch - 1, before: stepsTaken - epochStep, atLeast: epochStep + 1)
      && Self.areEqual(dataEpoch, before: stepsTaken - dataEpochStep, atLeast: max(dataEpochStep, 1))
  }

  /// Whether `count` equally long rounds, each of n steps or more, can make up the steps before the one in progress.
  private static func areEqual(_ count: Int, before: Int, atLeast: Int) -> Bool {
    count == 0 ? before == 0 : before % count == 0 && before / count >= atLeast
  }
}

extension TrainingLog {
  /// Whether the log says what early stopping makes of its epochs, and its sums can be those of samples.
  fileprivate var isPossible: Bool {
    samples.isPossible && images?.isPossible ?? true && epochs.indices.allSatisfy { epochs[$0].epoch == $0 + 1 }
      && replay(
        EarlyStopping(
          patience: stopping.patience, keepsLast: stopping.keepsLast, monitor: stopping.monitor,
          minDelta: stopping.minDelta)) == stopping
  }
}

/// The JSON texts of a checkpoint.
enum JSONText {
  static func encode(_ value: some Encodable) throws -> String {
    String(decoding: try ExactJSON.encoder().encode(value), as: UTF8.self)
  }

  /// - Parameter what: what to call the text in the error.
  static func decode<Value: Decodable>(_ text: String, _ what: String) throws(CheckpointError) -> Value {
    do {
      return try ExactJSON.decoder().decode(Value.self, from: Data(text.utf8))
    } catch {
      throw .malformed("\(what) cannot be read")
    }
  }
}
