import ModelFiles

/// Controls: each breaks what the other targets promise, and the fuzzer must find it.
enum Planted {
  /// Ends the program deep in the reader of headers. From nothing, only a fuzzer that sees the reader's branches gets there:
  /// the input begins with its header's length in eight bytes, then `{"\\ud8`, and an error comes after that.
  static func fault(_ bytes: [UInt8]) {
    do throws(SafetensorsError) {
      _ = try TensorFile(bytes: bytes)
    } catch {
      guard case .malformedHeader(_, let expected) = error.reason else { return }
      require(!expected.hasPrefix("a surrogate pair"), "the planted fault was found")
    }
  }

  /// Asks for 11 bytes for each of the input's.
  static func allocation(_ bytes: [UInt8]) {
    let result = Allocations.limited(inputBytes: bytes.count, fixed: 50, "a planted allocation") {
      Result<[UInt8], Never>.success([UInt8](repeating: 0, count: 11 * bytes.count))
    }
    require(result.get().count == 11 * bytes.count, "an array has its length")
  }
}
