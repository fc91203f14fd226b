/// Rows in two arrays: images of bytes, and labels. MNIST's IDX files, or NumPy's arrays.
struct ArrayRows: RowSource, Hashable {
  let images: PackedFile
  /// The labels; nil if the rows have none.
  let labels: PackedFile?
  let kind: ArrayFile.Format
  /// What the labels would have been found as, for the message where there are none.
  var missingLabels = ""

  var name: String { images.name }
  var paths: [String] {
    labels.map { $0.path == images.path ? [images.path] : [images.path, $0.path] } ?? [images.path]
  }

  func classNames() -> ClassNames? { KnownSet.classes(of: images) }

  func format() throws -> ImageFormat? {
    let file = try ArrayFile(images, kind)
    // Rows of pixels may be squares.
    let side = Int(Double(file.rowCount).squareRoot().rounded())
    let square = ImageFormat(height: max(1, side), width: max(1, side))
    let isSquare = square.count == file.rowCount && side > 1
    return try imageFormat(
      file, RowRequest(format: isSquare ? square : ImageFormat(height: 1, width: file.rowCount), classCount: 2))
  }

  func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable {
    let file = try ArrayFile(images, kind)
    let found = try imageFormat(file, request)
    guard let labels else {
      guard !request.needsLabels else {
        throw ArrayFileError(file: images.name, reason: .noLabels(missingLabels))
      }
      let rows = Self.range(index, of: count, rows: file.header.rows)
      let pixels = try file.read(rows)
      try file.checkRest()
      return ImageTable(
        format: found, labels: [UInt16](repeating: 0, count: rows.count), pixels: pixels, hasLabels: false)
    }
    let labelFile = try ArrayFile(labels, kind, areLabels: true)
    guard labelFile.rowCount == 1 else {
      throw ArrayFileError(file: labels.name, reason: .labelShape(labelFile.header.shape))
    }
    guard labelFile.header.rows == file.header.rows else {
      throw ArrayFileError(
        file: labels.name, reason: .labelCount(labelFile.header.rows, images: file.header.rows, of: images.name))
    }
    let rows = Self.range(index, of: count, rows: file.header.rows)
    let pixels = try file.read(rows)
    try file.checkRest()
    let numbers = try self.numbers(labelFile, rows, request.classCount)
    try labelFile.checkRest()
    return ImageTable(format: found, labels: numbers, pixels: pixels)
  }

  /// Part `index` of `count` of this number of rows.
  private static func range(_ index: Int, of count: Int, rows: Int) -> Range<Int> {
    func bound(_ index: Int) -> Int { count.dividingFullWidth(rows.multipliedFullWidth(by: index)).quotient }
    return bound(index)..<bound(index + 1)
  }

  private func imageFormat(_ file: ArrayFile, _ request: RowRequest) throws -> ImageFormat {
    let shape = file.header.shape
    guard case .integer(1, false, _) = file.header.element else {
      throw ArrayFileError(file: images.name, reason: .numbers(Self.name(file.header.element)))
    }
    switch shape.count {
    case 2 where shape[1] == request.format.count: return request.format
    case 2: return ImageFormat(height: 1, width: shape[1])
    case 3: return ImageFormat(height: shape[1], width: shape[2])
    case 4 where shape[3] <= 4: return ImageFormat(height: shape[1], width: shape[2], channels: shape[3])
    default: throw ArrayFileError(file: images.name, reason: .imageShape(shape))
    }
  }

  private static func name(_ element: ArrayHeader.Element) -> String {
    switch element {
    case .integer(let size, let isSigned, _): "\(isSigned ? "int" : "uint")\(8 * size)"
    case .other(let name): name
    }
  }

  private func numbers(_ file: ArrayFile, _ rows: Range<Int>, _ classes: Int) throws -> [UInt16] {
    guard case .integer(let size, let isSigned, let isBigEndian) = file.header.element else { return [] }
    let bytes = try file.read(rows)
    return try rows.indices.map { row in
      let at = (row - rows.lowerBound) * size
      let unsigned = isBigEndian ? bytes.bigEndian(at: at, size) : bytes.littleEndian(at: at, size)
      let bits = Int.bitWidth - 8 * size
      let value = isSigned ? (unsigned << bits) >> bits : unsigned
      guard (0..<classes).contains(value) else {
        let text = isSigned ? "\(value)" : "\(UInt(bitPattern: value))"
        throw ArrayFileError(file: file.packed.name, reason: .label(text, row: row, classes: classes))
      }
      return UInt16(value)
    }
  }
}
