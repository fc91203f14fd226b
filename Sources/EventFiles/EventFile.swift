/// What is in an event file of this program: the version, one event for each epoch, and then what is said at the end.
package enum EventFile {
  /// The name of every event file: TensorBoard reads those with `tfevents` in their names.
  package static let name = "events.out.tfevents.fingerspell"

  /// The most bytes of a file that is looked through.
  package static let sizeLimit = 1 << 28

  /// A whole file of these events.
  package static func contents(_ events: [Event]) -> [UInt8] { events.flatMap { EventRecord.encoded($0.bytes) } }

  /// The length of the file's beginning that has the version and epochs 1 to `epochs`, and nothing else; nil where it does not
  /// begin so. What follows may be another epoch, or a record that a killed program has not finished.
  package static func length(_ bytes: [UInt8], epochs: Int) -> Int? {
    guard var offset = EventRecord.read(bytes, at: 0)?.end else { return nil }
    for epoch in 0..<epochs {
      guard let record = EventRecord.read(bytes, at: offset), Event.step(of: record.data) == epoch + 1 else {
        return nil
      }
      offset = record.end
    }
    return offset
  }
}
