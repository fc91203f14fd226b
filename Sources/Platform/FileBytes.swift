import Glibc

/// Whole files as bytes.
public enum FileBytes {
  /// Reads a regular file.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    let file = try FileDescriptor.reading(path)
    let size = try file.size()
    var outcome = Result<Void, FileError>.success(())
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      do throws(FileError) {
        while count < size {
          let free = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
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
