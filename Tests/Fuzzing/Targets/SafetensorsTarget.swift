import ModelFiles

/// The safetensors reader. For any bytes:
///
/// 1. What it accepts has a header that Foundation's JSON decoder accepts too, with the same names, types, shapes, places
///    and metadata, and the values are the bytes at those places.
/// 2. What it accepts is encoded, and decoded again to the same; that encoded again gives the same bytes.
/// 3. An error in the header names a byte of the header.
/// 4. It asks the heap for no more than 10 times the bytes, and the fixed amount below.
enum SafetensorsTarget {
  /// Texts of an error, and the smallest sizes of arrays and sets, which a file of a few bytes does not fill. It suffices for
  /// inputs of 4 kB; the densest metadata that there can be, thousands of two-letter keys without values, needs 32 KiB more.
  static let fixed = 4 << 10

  static func test(file bytes: [UInt8]) {
    do throws(SafetensorsError) {
      let file = try decoded(bytes)
      PlainHeader(of: bytes).compare(with: file, bytes)
      checkRoundTrip(file)
    } catch {
      check(error, bytes)
    }
  }

  static func check(_ error: SafetensorsError, _ bytes: [UInt8]) {
    require(!"\(error)".isEmpty, "an error without a text")
    guard case .malformedHeader(let place, _) = error.reason else { return }
    require((8...bytes.count).contains(place), "the error's place is not in the header: \(error)")
  }

  private static func decoded(_ bytes: [UInt8]) throws(SafetensorsError) -> TensorFile {
    let result = Allocations.limited(inputBytes: bytes.count, fixed: fixed, "reading tensors") {
      Result { () throws(SafetensorsError) in try TensorFile(bytes: bytes) }
    }
    return try result.get()
  }

  private static func checkRoundTrip(_ file: TensorFile) {
    let bytes = file.encoded()
    guard let again = try? TensorFile(bytes: bytes) else { return require(false, "what was encoded is not decoded") }
    require(again.metadata == file.metadata, "the metadata has changed on the way")
    require(again.tensors.count == file.tensors.count, "the number of tensors has changed on the way")
    for tensor in file.tensors {
      let same = again[tensor.name].map { $0.shape == tensor.shape && $0.values.bytes == tensor.values.bytes }
      require(same == true, "the tensor '\(tensor.name)' has changed on the way")
    }
    require(again.encoded() == bytes, "encoded again it has other bytes")
  }
}

extension TensorValues {
  /// The values' little-endian bytes. (Values cannot be compared: not-a-number is never equal.)
  var bytes: [UInt8] {
    func littleEndian(_ values: [some FixedWidthInteger]) -> [UInt8] {
      values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }
    return switch self {
    case .float32(let values): littleEndian(values.map(\.bitPattern))
    case .float64(let values): littleEndian(values.map(\.bitPattern))
    case .int64(let values): littleEndian(values)
    case .uint8(let values): values
    }
  }
}
