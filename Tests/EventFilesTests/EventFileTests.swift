import EventFiles
import TestTags
import Testing

@Suite("Event files: records with checksums, and what is in them")
struct EventFileTests {
  /// RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
  @Test("CRC-32C has the values of RFC 3720")
  func checksum() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46DD_794E)
    #expect(CRC32C.checksum(Array((0..<32).reversed())) == 0x113F_DB5C)
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum([]) == 0)
  }

  /// What TensorFlow writes for the data `abc`: `tf.io.TFRecordWriter`.
  @Test("A record is laid out as TensorFlow lays it out")
  func framing() {
    let record = EventRecord.encoded(Array("abc".utf8))
    #expect(record.prefix(8) == [3, 0, 0, 0, 0, 0, 0, 0])
    #expect(record[12..<15] == ArraySlice("abc".utf8))
    #expect(record.count == 19)
    #expect(EventRecord.read(record, at: 0)?.data == ArraySlice("abc".utf8))
    #expect(EventRecord.read(record, at: 0)?.end == 19)
    #expect(EventRecord.read(record, at: 1) == nil)
    #expect(EventRecord.read(record, at: 19) == nil)
  }

  @Test("A record of which any bit is wrong, or the end is missing, is none")
  func damage() {
    let record = EventRecord.encoded([1, 2, 3, 4, 5])
    for index in record.indices {
      for bit in 0..<8 {
        var damaged = record
        damaged[index] ^= 1 << UInt8(bit)
        #expect(EventRecord.read(damaged, at: 0) == nil, "byte \(index), bit \(bit)")
      }
      #expect(EventRecord.read(Array(record.prefix(index)), at: 0) == nil)
    }
    // A length that nothing in the file can have.
    let endless = [UInt8](repeating: 0xFF, count: 8)
    let masked = CRC32C.masked(endless)
    let sum = (0..<4).map { UInt8(truncatingIfNeeded: masked >> UInt32(8 * $0)) }
    #expect(EventRecord.read(endless + sum + [0, 0, 0, 0], at: 0) == nil)
  }

  private func epoch(_ step: Int) -> Event { Event([Event.Scalar("epoch_loss", 0.5)], step: step, time: 3) }

  @Test("A file's epochs end where the last whole one ends")
  func length() {
    let version = Event.version(time: 1)
    let two = EventFile.contents([version, epoch(1), epoch(2)])
    #expect(EventFile.length(two, epochs: 2) == two.count)
    #expect(EventFile.length(two, epochs: 1) == EventFile.contents([version, epoch(1)]).count)
    #expect(EventFile.length(two, epochs: 0) == EventFile.contents([version]).count)
    #expect(EventFile.length(two, epochs: 3) == nil)
    // A record that a killed program has not finished comes after the epochs.
    #expect(EventFile.length(two + [9, 9, 9], epochs: 2) == two.count)
    #expect(EventFile.length(Array(two.dropLast()), epochs: 2) == nil)
    #expect(EventFile.length(EventFile.contents([version, epoch(2)]), epochs: 1) == nil)
    #expect(EventFile.length([], epochs: 0) == nil)
    #expect(EventFile.length(EventFile.contents([version, epoch(1), epoch(300)]), epochs: 2) == nil)
    let many = EventFile.contents([version] + (1...300).map(epoch))
    #expect(EventFile.length(many, epochs: 300) == many.count)
  }

  @Test("An event has the fields of event.proto")
  func fields() {
    #expect(
      Event.version(time: 1).bytes == [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x1A, 13] + Array("brain.Event:2".utf8))
    #expect(
      Event([Event.Scalar("a", 2)], step: 300, time: 0).bytes
        == [0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0xAC, 0x02, 0x2A, 10, 0x0A, 8, 0x0A, 1, 0x61, 0x15, 0, 0, 0, 0x40])
  }

  @Test("A hyperparameter's text is a number, a flag or a text")
  func hyperparameters() {
    #expect(HyperparameterValue("0.001") == .number(0.001))
    #expect(HyperparameterValue("true") == .flag(true))
    #expect(HyperparameterValue("cosine") == .text("cosine"))
    let one = Event.sessionBegan(["b": .number(1), "a": .text("x"), "c": .flag(true)], time: 1)
    let other = Event.sessionBegan(["c": .flag(true), "a": .text("x"), "b": .number(1)], time: 1)
    #expect(one.bytes == other.bytes)
  }
}
