import ProtocolBuffers

/// One event of TensorBoard: what is said about a step of a run.
///
/// It is the message `tensorboard.Event` (tensorboard/compat/proto/event.proto), with the fields in the order of their numbers.
package struct Event: Sendable {
  /// A number of a step. TensorBoard keeps 24 bits of it.
  package struct Scalar: Sendable {
    /// The name of the curve.
    package var tag: String
    /// The number.
    package var value: Double

    /// A point of a curve.
    package init(_ tag: String, _ value: Double) {
      self.tag = tag
      self.value = value
    }
  }

  /// The message.
  package let bytes: [UInt8]

  /// Seconds since 1970, and the step.
  private init(time: Double, step: Int?, _ contents: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    message.add(1, time)
    if let step { message.add(2, step) }
    contents(&message)
    bytes = message.bytes
  }

  /// What every event file begins with.
  package static func version(time: Double) -> Event {
    Event(time: time, step: nil) { $0.add(3, "brain.Event:2") }
  }

  /// Numbers of a step.
  package init(_ scalars: [Scalar], step: Int, time: Double) {
    self.init(time: time, step: step) { event in
      event.add(5) { summary in
        for scalar in scalars {
          summary.add(1) { value in
            value.add(1, scalar.tag)
            value.add(2, Float(scalar.value))
          }
        }
      }
    }
  }

  /// A picture of a step.
  ///
  /// - Parameter png: a file of `width` times `height` pixels in colors.
  package init(_ tag: String, png: [UInt8], width: Int, height: Int, step: Int, time: Double) {
    self.init(time: time, step: step) { event in
      event.add(5) { summary in
        summary.add(1) { value in
          value.add(1, tag)
          value.add(4) { image in
            image.add(1, height)
            image.add(2, width)
            image.add(3, Self.rgb)
            image.add(4, bytes: png)
          }
        }
      }
    }
  }

  /// Data of a plugin, under a tag: a summary whose tensor is empty.
  init(_ tag: String, plugin: String, _ data: ProtobufMessage, time: Double) {
    self.init(time: time, step: 0) { event in
      event.add(5) { summary in
        summary.add(1) { value in
          value.add(1, tag)
          value.add(8) { tensor in
            tensor.add(1, Self.float)
            tensor.add(2) { shape in shape.add(2) { dimension in dimension.add(1, 0) } }
          }
          value.add(9) { metadata in
            metadata.add(1) { owner in
              owner.add(1, plugin)
              owner.add(2, data)
            }
            metadata.add(4, Self.dataOfTensors)
          }
        }
      }
    }
  }

  /// `Summary.Image.colorspace` of three channels.
  private static let rgb = 3
  /// `DataType.DT_FLOAT`.
  private static let float = 1
  /// `DataClass.DATA_CLASS_TENSOR`.
  private static let dataOfTensors = 2

  /// The step of an event that this program has written; nil for one without, and for other bytes.
  static func step(of data: ArraySlice<UInt8>) -> Int? {
    var rest = data
    // The time comes first: a tag, and eight bytes.
    guard rest.popFirst() == 0x09, rest.count > 8 else { return nil }
    rest = rest.dropFirst(8)
    guard rest.popFirst() == 0x10 else { return nil }
    var step = 0
    for shift in stride(from: 0, to: 63, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      step |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return step }
    }
    return nil
  }
}
