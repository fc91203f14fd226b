import Communication
import FoundationEssentials
import NeuralNet
import Platform

extension Architecture {
  /// Rank 0's network, on every rank: only its host needs the file that describes it. Collective.
  ///
  /// - Parameter architecture: the network on rank 0; not looked at elsewhere.
  static func broadcast(_ architecture: Architecture?, _ communicator: any Communicator) throws -> Architecture {
    let text = try communicator.onRoot {
      try architecture.map { String(decoding: try ExactJSON.encoder().encode($0), as: UTF8.self) } ?? ""
    }
    let json = try communicator.broadcast(text ?? "", root: 0)
    return try ExactJSON.decoder().decode(Architecture.self, from: Data(json.utf8))
  }
}
