import Checkpoints
import FoundationEssentials

extension TrainingState {
  private static let bestName = "best"

  /// What the scalars' JSON is made of.
  private struct Scalars: Codable {
    var position: TrainingPosition
    var log: TrainingLog
  }

  /// The state as a checkpoint of the run of that identity.
  public func checkpoint(of identity: RunIdentity) throws -> Checkpoint {
    let best = best.map { [Checkpoint.Vector(name: Self.bestName, values: $0)] } ?? []
    return Checkpoint(
      programVersion: identity.programVersion, identity: try JSONText.encode(identity),
      state: try JSONText.encode(Scalars(position: position, log: log)), vectors: vectors + best)
  }

  /// The state that a checkpoint holds.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    let scalars: Scalars = try JSONText.decode(checkpoint.state, "the state's JSON")
    position = scalars.position
    log = scalars.log
    vectors = checkpoint.vectors.filter { $0.name != Self.bestName }
    best = checkpoint.vectors.first { $0.name == Self.bestName }?.values
    guard position.isPossible, log.epochs.count == position.epoch - 1, log.isPossible else {
      throw .malformed("its numbers contradict one another")
    }
    guard best != nil || log.epochs.isEmpty else { throw .malformed("'\(Self.bestName)' is missing") }
  }
}

extension TrainingPosition {
  /// Whether a run can be there.
  fileprivate var isPossible: Bool {
    pass >= 0 && passStep >= 0 && epochStep >= 0 && epoch >= 1 && stepsTaken >= epochStep && stepsTaken >= passStep
      && epoch <= Int.max / 2
  }
}

extension TrainingLog {
  fileprivate var isPossible: Bool { samples.isPossible && epochs.indices.allSatisfy { epochs[$0].epoch == $0 + 1 } }
}

/// JSON texts in which every number reads back as the same number, infinities and not-a-number included.
enum JSONText {
  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// - Parameter what: what to call the text in the error.
  static func decode<Value: Decodable>(_ text: String, _ what: String) throws(CheckpointError) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(Value.self, from: Data(text.utf8))
    } catch {
      throw .malformed("\(what) cannot be read")
    }
  }
}
