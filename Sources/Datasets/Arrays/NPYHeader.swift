/// The header of a NumPy array, versions 1 to 3 (NumPy's NEP 1, numpy.lib.format): the magic number, the version, the length of
/// a Python dictionary, and the dictionary: `{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }`.
enum NPYHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Parses a header from a file's first bytes.
  static func parse(_ bytes: [UInt8]) throws(ArrayFileError.Reason) -> ArrayHeader {
    guard bytes.starts(with: magic) else { throw .notAnArray("a NumPy array") }
    guard bytes.count >= 12 else { throw .headerCutOff }
    let version = Int(bytes[6])
    guard (1...3).contains(version) else { throw .version(version) }
    let (start, length) = version == 1 ? (10, bytes.littleEndian(at: 8, 2)) : (12, bytes.littleEndian(at: 8, 4))
    guard length <= ArrayHeader.mostBytes - start else { throw .header("it is \(length) bytes long") }
    guard bytes.count >= start + length else { throw .headerCutOff }
    var dictionary = PythonDictionary(bytes[start..<start + length])
    let header = try dictionary.parse()
    guard !header.isFortran || header.shape.count < 2 else { throw .fortranOrder }
    return ArrayHeader(shape: header.shape, element: element(header.descr), offset: start + length)
  }

  /// The numbers that a type's description stands for, as `|u1` or `<i8`.
  private static func element(_ descr: String) -> ArrayHeader.Element {
    let order = descr.first.map { "<>|=".contains($0) ? $0 : "=" } ?? "="
    let type = descr.drop { "<>|=".contains($0) }
    guard let kind = type.first, kind == "u" || kind == "i" || kind == "b",
      let size = Int(type.dropFirst()), [1, 2, 4, 8].contains(size), kind != "b" || size == 1
    else { return .other(descr) }
    return .integer(size: size, isSigned: kind == "i", isBigEndian: order == ">")
  }
}

/// The dictionary of a NumPy header: three keys in any order, and of Python's syntax only what NumPy writes.
private struct PythonDictionary {
  private var rest: ArraySlice<UInt8>

  init(_ text: ArraySlice<UInt8>) { rest = text }

  mutating func parse() throws(ArrayFileError.Reason) -> (descr: String, isFortran: Bool, shape: [Int]) {
    var (descr, isFortran, shape): (String?, Bool?, [Int]?) = (nil, nil, nil)
    guard take("{") else { throw .header("it has no dictionary") }
    while !take("}") {
      let key = try string()
      guard take(":") else { throw .header("a key has no value") }
      switch key {
      case "descr":
        if peek() == UInt8(ascii: "[") { throw .numbers("a record of fields") }
        descr = try string()
      case "fortran_order":
        if take("False") {
          isFortran = false
        } else if take("True") {
          isFortran = true
        } else {
          throw .header("fortran_order is neither True nor False")
        }
      case "shape": shape = try tuple()
      default: throw .header("it has the unknown key '\(CSVFormat.excerpt(key.utf8))'")
      }
      _ = take(",")
    }
    guard let descr, let isFortran, let shape else { throw .header("a key is missing") }
    return (descr, isFortran, shape)
  }

  private mutating func skipSpaces() { rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) } }

  private mutating func peek() -> UInt8? {
    skipSpaces()
    return rest.first
  }

  private mutating func take(_ word: String) -> Bool {
    skipSpaces()
    guard rest.starts(with: word.utf8) else { return false }
    rest = rest.dropFirst(word.utf8.count)
    return true
  }

  private mutating func string() throws(ArrayFileError.Reason) -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw .header("a name is missing")
    }
    let text = rest.dropFirst().prefix { $0 != quote }
    guard text.endIndex < rest.endIndex else { throw .header("a name has no end") }
    rest = rest[(text.endIndex + 1)...]
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func tuple() throws(ArrayFileError.Reason) -> [Int] {
    guard take("(") else { throw .header("its shape is no tuple") }
    var numbers: [Int] = []
    while !take(")") {
      skipSpaces()
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let number = Int(String(decoding: digits, as: UTF8.self)), numbers.count < 32 else {
        throw .header("its shape is not one of whole numbers")
      }
      rest = rest[digits.endIndex...]
      _ = take("L")
      numbers.append(number)
      guard take(",") || peek() == UInt8(ascii: ")") else { throw .header("its shape has no end") }
    }
    return numbers
  }
}
