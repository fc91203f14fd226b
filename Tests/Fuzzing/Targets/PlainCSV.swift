import Platform

/// The data set's format once more, as plainly as can be: what the reader is compared with.
struct PlainCSV {
  private(set) var labels: [UInt8] = []
  private(set) var pixels: [UInt8] = []
  /// Whether the header names a label.
  private(set) var hasLabels = true
  /// The line of the first fault, if there is one. A file without rows counts as faulty in line 1.
  private(set) var fault: Int?

  init(_ bytes: [UInt8]) {
    let newline = UInt8(ascii: "\n")
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
    let header = lines.removeFirst()
    let end = Self.end(of: bytes)
    guard let columns = Self.columns(header, allowsAnyNames: Self.allowsAnyNames(bytes)), header.endIndex + 1 < end
    else {
      fault = 1
      return
    }
    hasLabels = columns.contains("label")
    lines = bytes[(header.endIndex + 1)..<end].split(separator: newline, omittingEmptySubsequences: false)
    if bytes[end - 1] == newline { lines.removeLast() }
    for (index, line) in lines.enumerated() {
      guard let row = Self.row(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, columns) else {
        fault = index + 2
        return
      }
      labels.append(row.label)
      pixels += row.pixels
    }
  }

  /// Where the last line that is not blank ends, if it is not too far from the end of the file.
  private static func end(of bytes: [UInt8]) -> Int {
    guard let last = bytes.suffix(4096).lastIndex(where: { ![0x20, 0x09, 0x0D, 0x0A].contains($0) }) else {
      return bytes.count
    }
    return bytes[last...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
  }

  /// What stands in the columns: `index`, `label` and `pixel`; nil if the line is no header.
  private static func columns(_ line: ArraySlice<UInt8>, allowsAnyNames: Bool) -> [String]? {
    let text = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
    var names = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { field in
      var name = trimmed(Array(field))
      if name.count >= 2, name.first == UInt8(ascii: "\""), name.last == UInt8(ascii: "\"") {
        name = trimmed(Array(name.dropFirst().dropLast()))
      }
      return name.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    }[...]
    var columns: [String] = []
    while columns.count < 4, let name = names.first,
      ["index", "id", "row_id"].contains(where: { name == Array($0.utf8) }) || name == Array("unnamed: 0".utf8)
        || name.starts(with: Array("unnamed: 0.".utf8))
        || name.isEmpty && columns.isEmpty
    {
      columns.append("index")
      names.removeFirst()
    }
    let labels = ["label", "class", "target"].map { Array($0.utf8) }
    let styles: [(Int) -> String] = [
      { "pixel\($0 + 1)" }, { "pixel\($0)" }, { "pixel_\($0 + 1)" }, { "pixel_\($0)" }, { "\($0 + 1)" }, { "\($0)" },
      { "\($0 / 28 + 1)x\($0 % 28 + 1)" }, { "\($0 / 28)x\($0 % 28)" },
    ]
    func style(_ name: [UInt8]?) -> ((Int) -> String)? { styles.first { Array($0(0).utf8) == name } }
    var isFirst = names.first.map(labels.contains) ?? false
    // Numbers alone are a row, not names.
    if !isFirst, columns.isEmpty, let first = names.first, isNumber(first) { return nil }
    func isName(_ name: [UInt8]) -> Bool {
      allowsAnyNames && !name.isEmpty && name.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
    if !isFirst, let first = names.first, isName(first), style(first) == nil, !isOfASeries(first),
      style(names.dropFirst().first) != nil
    {
      isFirst = true
    }
    if isFirst { names.removeFirst() }
    let pixels = [String](repeating: "pixel", count: 784)
    guard let style = style(names.first) else {
      guard let first = names.first, !isOfASeries(first), names.allSatisfy(isName) else { return nil }
      if names.count == 784 { return columns + (isFirst ? ["label"] : []) + pixels }
      guard !isFirst, names.count == 785 else { return nil }
      let index = labels.lazy.compactMap { names.firstIndex(of: $0) }.first.map { $0 - names.startIndex } ?? 0
      return columns + pixels.prefix(index) + ["label"] + pixels.dropFirst(index)
    }
    let isLast = !isFirst && names.count == 785 && labels.contains(names.last ?? [])
    if isLast { names.removeLast() }
    guard names.count == 784, names.enumerated().allSatisfy({ $1 == Array(style($0).utf8) }) else { return nil }
    return columns + (isFirst ? ["label"] : []) + pixels + (isLast ? ["label"] : [])
  }

  /// Whether the first bytes are not those of another kind of file.
  private static func allowsAnyNames(_ bytes: [UInt8]) -> Bool {
    FileKind(firstBytes: bytes.prefix(FileKind.bytesToSee)) == nil && !bytes.prefix(64).contains(0)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isNumber(_ name: [UInt8]) -> Bool {
    name.first.map(isDigit) == true && name.allSatisfy { isDigit($0) || $0 == 0x2E }
  }

  /// A number, two with an x between them, or `pixel` and more.
  private static func isOfASeries(_ name: [UInt8]) -> Bool {
    let parts = name.split(separator: UInt8(ascii: "x"), omittingEmptySubsequences: false)
    let isGrid = parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
    return isNumber(name) || isGrid || name.starts(with: Array("pixel".utf8))
  }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    while let first = bytes.first, [0x20, 0x09, 0x0D].contains(first) { bytes.removeFirst() }
    while let last = bytes.last, [0x20, 0x09, 0x0D].contains(last) { bytes.removeLast() }
    return bytes
  }

  private static func row(_ line: ArraySlice<UInt8>, _ columns: [String]) -> (label: UInt8, pixels: [UInt8])? {
    let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count == columns.count else { return nil }
    var (label, pixels): (UInt8, [UInt8]) = (0, [])
    for (field, column) in zip(fields, columns) {
      if column == "index" {
        guard isRowNumber(field) else { return nil }
      } else {
        guard let value = number(field, atMost: column == "label" ? 24 : 255) else { return nil }
        if column == "label" { label = value } else { pixels.append(value) }
      }
    }
    return (label, pixels)
  }

  /// One to 19 digits.
  static func isRowNumber(_ field: ArraySlice<UInt8>) -> Bool {
    (1...19).contains(field.count) && field.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// One to three digits, not above the limit; a point and up to 16 zeros may follow.
  static func number(_ field: ArraySlice<UInt8>, atMost limit: Int) -> UInt8? {
    let parts = field.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if parts.count > 1 {
      guard parts.count == 2, (1...16).contains(parts[1].count), parts[1].allSatisfy({ $0 == 0x30 }) else { return nil }
    }
    guard (1...3).contains(parts[0].count), parts[0].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let value = parts[0].reduce(0) { 10 * $0 + Int($1 - 0x30) }
    return value <= limit ? UInt8(value) : nil
  }
}
