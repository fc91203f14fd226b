import Platform

/// A safetensors file that is open: its header is read and checked, its tensors are read when they are asked for.
struct SafetensorsFile: ~Copyable {
  /// What the file holds.
  let header: SafetensorsHeader

  private let file: FileDescriptor
  private let path: String
  private let dataStart: Int

  /// Opens a file. Whatever it claims and however large it is, no more than a header of `headerLimit` bytes is read.
  ///
  /// - Throws: `FileError` where it cannot be read, `SafetensorsError` where it is something else, or damaged.
  init(path: String, headerLimit: Int) throws {
    let file = try FileDescriptor.reading(path)
    let size = try file.size()
    let beginning = try file.firstBytes()
    if let kind = FileKind(firstBytes: beginning), kind != .safetensors {
      throw SafetensorsError(file: path, .otherKind(kind))
    }
    let (header, dataStart): (SafetensorsHeader, Int)
    do throws(SafetensorsError) {
      let length = try SafetensorsHeader.length(beginning, fileSize: size, atMost: headerLimit)
      dataStart = 8 + length
      let bytes = try Self.read(file, 0..<dataStart)
      header = try SafetensorsHeader(bytes, length: length, dataCount: size - dataStart)
    } catch {
      throw SafetensorsError(file: path, error.reason)
    }
    self.file = file
    self.path = path
    self.header = header
    self.dataStart = dataStart
  }

  /// A tensor's bytes.
  func bytes(_ entry: SafetensorsHeader.Entry) throws(SafetensorsError) -> [UInt8] {
    try Self.read(file, dataStart + entry.begin..<dataStart + entry.end)
  }

  private static func read(_ file: borrowing FileDescriptor, _ range: Range<Int>) throws(SafetensorsError) -> [UInt8] {
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
