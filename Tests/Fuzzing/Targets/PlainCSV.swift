/// The data set's format once more, as plainly as can be: what the reader is compared with.
struct PlainCSV {
  private(set) var labels: [UInt8] = []
  private(set) var pixels: [UInt8] = []
  /// The line of the first fault, if there is one. A file without rows counts as faulty in line 1.
  private(set) var fault: Int?

  init(_ bytes: [UInt8]) {
    let newline = UInt8(ascii: "\n")
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
    let header = lines.removeFirst()
    guard Self.isHeader(header), header.endIndex + 1 < bytes.count else {
      fault = 1
      return
    }
    if bytes.last == newline { lines.removeLast() }
    for (index, line) in lines.enumerated() {
      guard let row = Self.row(line.last == UInt8(ascii: "\r") ? line.dropLast() : line) else {
        fault = index + 2
        return
      }
      labels.append(row[0])
      pixels += row.dropFirst()
    }
  }

  private static func isHeader(_ line: ArraySlice<UInt8>) -> Bool {
    let text = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
    let names = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    return names.count == 785
      && names.enumerated().allSatisfy { index, field in
        var name = trimmed(Array(field))
        if name.count >= 2, name.first == UInt8(ascii: "\""), name.last == UInt8(ascii: "\"") {
          name = trimmed(Array(name.dropFirst().dropLast()))
        }
        let lowercase = name.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        return lowercase == Array((index == 0 ? "label" : "pixel\(index)").utf8)
      }
  }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    while let first = bytes.first, [0x20, 0x09, 0x0D].contains(first) { bytes.removeFirst() }
    while let last = bytes.last, [0x20, 0x09, 0x0D].contains(last) { bytes.removeLast() }
    return bytes
  }

  private static func row(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count == 785 else { return nil }
    let values = fields.enumerated().compactMap { number($1, atMost: $0 == 0 ? 24 : 255) }
    return values.count == 785 ? values : nil
  }

  /// One to three digits, not above the limit.
  static func number(_ field: ArraySlice<UInt8>, atMost limit: Int) -> UInt8? {
    guard (1...3).contains(field.count), field.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let value = field.reduce(0) { 10 * $0 + Int($1 - 0x30) }
    return value <= limit ? UInt8(value) : nil
  }
}
