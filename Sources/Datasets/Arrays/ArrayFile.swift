import Platform

/// An open array: its header, and its numbers by row.
struct ArrayFile {
  /// The formats.
  enum Format: Hashable, Sendable {
    case idx, npy
  }

  let packed: PackedFile
  let header: ArrayHeader
  /// How many numbers a row has.
  let rowCount: Int
  private let fileSize: Int
  private let bytes: UnpackedBytes

  /// Opens an array and checks its header; a file's claims are compared with its length as soon as that is known.
  ///
  /// - Parameter areLabels: whether the numbers should be labels, for the message where they are none that are read.
  init(_ packed: PackedFile, _ format: Format, areLabels: Bool = false) throws {
    self.packed = packed
    bytes = try UnpackedBytes(packed)
    let start = try bytes.prefix(ArrayHeader.mostBytes)
    guard !start.isEmpty else { throw packed.failure(.empty) }
    do throws(ArrayFileError.Reason) {
      header = try format == .idx ? IDXHeader.parse(start) : NPYHeader.parse(start)
      if case .other(let type) = header.element { throw areLabels ? .labelNumbers(type, header.shape) : .numbers(type) }
      guard let rows = header.shape.first, rows > 0, !header.shape.contains(0) else { throw .noRows }
    } catch {
      throw ArrayFileError(file: packed.name, reason: error)
    }
    guard let sizes = header.sizes, sizes.file <= Unpacking.most else {
      throw ArrayFileError(
        file: packed.name,
        reason: .length(found: try bytes.measure(), claimed: header.sizes?.file, shape: header.shape))
    }
    guard sizes.file <= bytes.limit else { throw packed.failure(.expandsTooMuch) }
    (rowCount, fileSize) = sizes
    // What is compressed has the length that it has when it was read.
    if case .zip(let member) = packed.packing { try require(member.size) }
    if packed.packing == .plain { try require(bytes.measure()) }
  }

  private func require(_ found: Int) throws {
    guard found == fileSize else {
      throw ArrayFileError(
        file: packed.name, reason: .length(found: found, claimed: fileSize, shape: header.shape))
    }
  }

  /// The bytes of the rows in a range. Memory is taken as bytes are read, so what a compressed file claims costs nothing.
  func read(_ rows: Range<Int>) throws -> [UInt8] {
    let row = rowCount * (header.element.size ?? 1)
    let (start, count) = (header.offset + rows.lowerBound * row, rows.count * row)
    let step = 1 << 20
    if count <= step || packed.packing == .plain { return try bytes.array(at: start, count: count) }
    var all: [UInt8] = []
    while all.count < count {
      all += try bytes.array(at: start + all.count, count: min(step, count - all.count))
    }
    return all
  }

  /// Checks what follows the rows that were read, so that a damaged file is an error wherever the damage is.
  func checkRest() throws {
    if packed.packing != .plain { try require(bytes.check()) }
  }
}
