import Glibc

/// Whole files as bytes.
public enum FileBytes {
  /// Reads a regular file.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    try read(try FileDescriptor.reading(path))
  }

  /// Reads a regular file, but no more than so many bytes of it.
  static func read(_ file: borrowing FileDescriptor, atMost limit: Int = .max) throws(FileError) -> [UInt8] {
    let size = min(try file.size(), limit)
    var outcome = Result<Void, FileError>.success(())
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      do throws(FileError) {
        while count < size {
          let free = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count..<size]))
          let got = try file.read(into: free)
          guard got > 0 else { return }
          count += got
        }
      } catch {
        outcome = .failure(error)
      }
    }
    try outcome.get()
    return bytes
  }
}
