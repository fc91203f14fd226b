import CHDF5
import Platform

/// An HDF5 file that the HDF5 library writes in memory. Equal calls make equal bytes.
struct HDF5Writer: ~Copyable {
  private let file: OpaquePointer

  /// A file without groups.
  init() throws {
    guard let file = fshdf5_create() else { throw Self.failure("make a file in memory") }
    self.file = file
  }

  deinit { fshdf5_close(file) }

  private static func failure(_ what: String) -> Failure {
    Failure(.software, "the HDF5 library (\(String(cString: fshdf5_version()))) cannot \(what)")
  }

  /// Makes a group, and those that lead to it, with a text as an attribute.
  func makeGroup(_ path: String, attribute: String, text: String) throws {
    guard fshdf5_make_group(file, path, attribute, text) == Int32(FSHDF5_OK) else {
      throw Self.failure("make the group '\(foreign(path))'")
    }
  }

  /// Writes an array of single precision, row-major.
  func write(_ values: ArraySlice<Float>, shape: [Int], to path: String) throws {
    let status = values.withUnsafeBufferPointer { values in
      fshdf5_write_floats(file, path, values.baseAddress, Int32(shape.count), shape.map(UInt64.init))
    }
    guard status == Int32(FSHDF5_OK) else { throw Self.failure("write the array '\(foreign(path))'") }
  }

  /// The file's bytes.
  func bytes() throws -> [UInt8] {
    let size = fshdf5_size(file)
    guard size > 0 else { throw Self.failure("finish its file") }
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      failed = fshdf5_copy(file, buffer.baseAddress, size) != Int32(FSHDF5_OK)
      count = failed ? 0 : size
    }
    guard !failed else { throw Self.failure("give back its file") }
    return bytes
  }
}
