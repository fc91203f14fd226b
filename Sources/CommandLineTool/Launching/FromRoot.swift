import Communication
import FoundationEssentials
import NeuralNet
import Platform
import Runs

/// What rank 0 has read from a model file, on every rank: only its host needs the file.
protocol FromRoot: Codable {}

extension FromRoot {
  /// Rank 0's value, on every rank. Collective.
  ///
  /// - Parameter value: the value on rank 0; not looked at elsewhere.
  static func broadcast(_ value: Self?, _ communicator: any Communicator) throws -> Self {
    let text = try communicator.onRoot {
      try value.map { String(decoding: try ExactJSON.encoder().encode($0), as: UTF8.self) } ?? ""
    }
    let json = try communicator.broadcast(text ?? "", root: 0)
    return try ExactJSON.decoder().decode(Self.self, from: Data(json.utf8))
  }
}

extension Architecture: FromRoot {}
extension ModelImages: FromRoot {}
