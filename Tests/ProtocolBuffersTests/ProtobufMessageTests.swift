import ProtocolBuffers
import Testing

/// The examples of the format's own documentation, and its limits.
@Suite struct ProtobufMessageTests {
  private func bytes(_ fill: (inout ProtobufMessage) -> Void) -> [UInt8] {
    var message = ProtobufMessage()
    fill(&message)
    return message.bytes
  }

  @Test func `A varint has seven bits a byte, the lowest first`() {
    #expect(bytes { $0.add(1, 150) } == [0x08, 0x96, 0x01])
    #expect(bytes { $0.add(1, 0) } == [0x08, 0x00])
  }

  @Test func `A negative number takes ten bytes`() {
    #expect(bytes { $0.add(1, -2) } == [0x08, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])
  }

  @Test func `A text has its length before it`() {
    #expect(bytes { $0.add(2, "testing") } == [0x12, 0x07] + Array("testing".utf8))
  }

  @Test func `A message inside a message is as long as it is`() {
    #expect(bytes { $0.add(3) { $0.add(1, 150) } } == [0x1A, 0x03, 0x08, 0x96, 0x01])
  }

  @Test func `Packed numbers share one tag`() {
    #expect(bytes { $0.add(6, packed: [3, 270, 86942]) } == [0x32, 0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05])
    #expect(bytes { $0.add(1, packed: [1.0]) } == [0x0A, 0x08, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
  }

  @Test func `Floating-point numbers are little-endian`() {
    #expect(bytes { $0.add(1, Float(1)) } == [0x0D, 0, 0, 0x80, 0x3F])
    #expect(bytes { $0.add(1, 1.0) } == [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
  }

  @Test func `A field from 16 on has a tag of two bytes`() {
    #expect(bytes { $0.add(16, 1) } == [0x80, 0x01, 0x01])
  }
}
