/// What an array in a file is: its shape and numbers, and where they begin.
struct ArrayHeader: Hashable, Sendable {
  /// The kinds of numbers that are read.
  enum Element: Hashable, Sendable {
    /// Whole numbers of `size` bytes.
    case integer(size: Int, isSigned: Bool, isBigEndian: Bool)
    /// Others, by their name in the file.
    case other(String)

    /// The bytes of a number.
    var size: Int? { if case .integer(let size, _, _) = self { size } else { nil } }
  }

  /// The most bytes of a header.
  static let mostBytes = 1 << 16

  var shape: [Int]
  var element: Element
  /// Where the numbers begin in the file.
  var offset: Int

  /// The number of rows: the first dimension.
  var rows: Int { shape[0] }

  /// How many numbers a row has, and the length of the whole file in bytes; nil if they are too large for any file.
  var sizes: (row: Int, file: Int)? {
    guard let size = element.size else { return nil }
    var row = 1
    for dimension in shape.dropFirst() {
      let product = row.multipliedReportingOverflow(by: dimension)
      guard !product.overflow else { return nil }
      row = product.partialValue
    }
    let numbers = row.multipliedReportingOverflow(by: rows)
    let bytes = numbers.partialValue.multipliedReportingOverflow(by: size)
    let file = bytes.partialValue.addingReportingOverflow(offset)
    guard !numbers.overflow, !bytes.overflow, !file.overflow else { return nil }
    return (row, file.partialValue)
  }
}

/// The header of an IDX file, the format of MNIST (described on its page, yann.lecun.com/exdb/mnist): two zero bytes, the type of the
/// numbers, the number of dimensions, and each dimension in 4 bytes, the highest byte first.
enum IDXHeader {
  /// Whether bytes begin as an IDX file does: with a known type and a plausible number of dimensions.
  static func isIDX(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    let start = Array(bytes.prefix(4))
    return start.count == 4 && start[0] == 0 && start[1] == 0 && (0x08...0x0E).contains(start[2]) && start[2] != 0x0A
      && (1...4).contains(start[3])
  }

  /// Parses a header; nil if the bytes do not have a whole one.
  static func parse(_ bytes: [UInt8]) throws(ArrayFileError.Reason) -> ArrayHeader {
    guard isIDX(bytes) else { throw .notAnArray("an IDX file") }
    let offset = 4 + 4 * Int(bytes[3])
    guard bytes.count >= offset else { throw .headerCutOff }
    let element: ArrayHeader.Element =
      switch bytes[2] {
      case 0x08: .integer(size: 1, isSigned: false, isBigEndian: true)
      case 0x09: .integer(size: 1, isSigned: true, isBigEndian: true)
      case 0x0B: .integer(size: 2, isSigned: true, isBigEndian: true)
      case 0x0C: .integer(size: 4, isSigned: true, isBigEndian: true)
      case 0x0D: .other("float")
      default: .other("double")
      }
    return ArrayHeader(
      shape: stride(from: 4, to: offset, by: 4).map { bytes.bigEndian(at: $0, 4) }, element: element, offset: offset)
  }
}
