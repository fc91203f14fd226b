import Glibc

/// Reads whole files.
public enum FileBytes {
  /// The contents of a regular file.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    try read(try OpenFile.reading(path))
  }

  /// The first `limit` bytes of a regular file, or all of it if it is shorter.
  package static func read(_ file: borrowing OpenFile, atMost limit: Int = .max) throws(FileError) -> [UInt8] {
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
