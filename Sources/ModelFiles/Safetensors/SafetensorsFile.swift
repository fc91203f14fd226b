import Platform

/// An open safetensors file: its header has been read and checked; tensors are read on demand.
final class SafetensorsFile {
  /// The file's header.
  let header: SafetensorsHeader

  private let file: OpenFile
  private let dataStart: Int

  /// Opens a file and reads its header, of at most `headerLimit` bytes, whatever the file claims and however large it is.
  ///
  /// - Throws: `FileError` if it cannot be read, `SafetensorsError` if it is of another kind or damaged.
  static func open(_ path: String, headerLimit: Int) throws -> SafetensorsFile {
    let file = try OpenFile.reading(path)
    let size = try file.size()
    let beginning = try file.firstBytes()
    if let kind = FileKind(firstBytes: beginning), kind != .safetensors {
      throw SafetensorsError(file: path, .otherKind(kind))
    }
    let header: SafetensorsHeader
    let length: Int
    do throws(SafetensorsError) {
      length = try SafetensorsHeader.length(beginning, fileSize: size, atMost: headerLimit)
      let bytes = try read(file, 0..<8 + length)
      header = try SafetensorsHeader(bytes, length: length, dataCount: size - 8 - length)
    } catch {
      throw SafetensorsError(file: path, error.reason)
    }
    return SafetensorsFile(header: header, file: file, dataStart: 8 + length)
  }

  private init(header: SafetensorsHeader, file: consuming OpenFile, dataStart: Int) {
    self.header = header
    self.file = file
    self.dataStart = dataStart
  }

  /// Reads a tensor's bytes.
  func bytes(_ entry: SafetensorsHeader.Entry) throws(SafetensorsError) -> [UInt8] {
    try Self.read(file, dataStart + entry.begin..<dataStart + entry.end)
  }

  private static func read(_ file: borrowing OpenFile, _ range: Range<Int>) throws(SafetensorsError) -> [UInt8] {
    var found = 0
    var refusal: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      do throws(FileError) {
        found = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
      } catch {
        refusal = error
      }
      count = min(found, range.count)
    }
    if let refusal { throw SafetensorsError(.unreadable("\(refusal)")) }
    guard bytes.count == range.count else {
      throw SafetensorsError(.truncated(needed: range.count, found: bytes.count))
    }
    return bytes
  }
}
