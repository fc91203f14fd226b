import ProtocolBuffers

/// A hyperparameter as TensorBoard's HPARAMS tab shows it: a `google.protobuf.Value`.
package enum HyperparameterValue: Equatable, Sendable {
  case number(Double)
  case text(String)
  case flag(Bool)

  /// The kind of value that a text is of.
  package init(_ text: String) {
    switch text {
    case "true": self = .flag(true)
    case "false": self = .flag(false)
    default: self = Double(text).map { .number($0) } ?? .text(text)
    }
  }

  /// The message.
  var message: ProtobufMessage {
    var message = ProtobufMessage()
    switch self {
    case .number(let number): message.add(2, number)
    case .text(let text): message.add(3, text)
    case .flag(let flag): message.add(4, flag ? 1 : 0)
    }
    return message
  }
}

// A session of the HParams plugin, which is a run. Source: tensorboard/plugins/hparams/plugin_data.proto.
extension Event {
  private static let plugin = "hparams"

  /// How a session has ended: `Status` of hparams/api.proto.
  package enum SessionStatus: Int, Sendable {
    case success = 1
    case failure = 2
  }

  /// A session begins, with its hyperparameters, which are written in the order of their names.
  ///
  /// - Parameter time: seconds since 1970.
  package static func sessionBegan(_ hyperparameters: [String: HyperparameterValue], time: Double) -> Event {
    var session = ProtobufMessage()
    for (name, value) in hyperparameters.sorted(by: { $0.key < $1.key }) {
      session.add(1) { entry in
        entry.add(1, name)
        entry.add(2, value.message)
      }
    }
    session.add(5, time)
    var data = ProtobufMessage()
    data.add(3, session)
    return Event("_hparams_/session_start_info", plugin: plugin, data, time: time)
  }

  /// A session has ended.
  package static func sessionEnded(_ status: SessionStatus, time: Double) -> Event {
    var session = ProtobufMessage()
    session.add(1, status.rawValue)
    session.add(2, time)
    var data = ProtobufMessage()
    data.add(4, session)
    return Event("_hparams_/session_end_info", plugin: plugin, data, time: time)
  }
}
