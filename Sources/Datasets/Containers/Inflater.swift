import CZlib
import Platform

/// Expands a DEFLATE stream from a range of a file, from the front: a gzip file of one or several parts (RFC 1952), or a member
/// of a zip archive.
///
/// zlib checks a gzip file's lengths and checksums; those of a zip member are checked here. Nothing is taken for the end
/// but the stream's own end.
final class Inflater {
  private static let inputBytes = 1 << 16

  private let file: OpenFile
  private let packed: PackedFile
  /// The rest of the compressed bytes in the file.
  private var rest: Range<Int>
  private let limit: Int
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutablePointer<UInt8>
  private var checksum: UInt = 0
  private(set) var produced = 0
  private var hasEnded = false

  /// A stream of the compressed bytes in `range` of the file.
  init(_ packed: PackedFile, _ range: Range<Int>) throws(PackedFileError) {
    self.packed = packed
    do throws(FileError) { file = try OpenFile.reading(packed.path) } catch {
      throw packed.failure(.unreadable(error.reason, isRegular: !error.isNotRegular))
    }
    rest = range
    limit = Unpacking.limit(range.count)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(capacity: Self.inputBytes)
    // 15 bits of window; 16 more for gzip's header, a negative number for none.
    let bits: Int32 = packed.packing == .gzip ? 15 + 16 : -15
    guard inflateInit2_(stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw packed.failure(.damaged("zlib has no memory for it"))
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
    input.deallocate()
  }

  /// Fills the buffer with the next bytes. Returns their number, fewer than the buffer's size only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(PackedFileError) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var count = 0
    while count < buffer.count, !hasEnded {
      if stream.pointee.avail_in == 0 { try refill() }
      let room = min(buffer.count - count, 1 << 30)
      let output = (base + count).assumingMemoryBound(to: UInt8.self)
      stream.pointee.next_out = output
      stream.pointee.avail_out = UInt32(room)
      let status = inflate(stream, Z_NO_FLUSH)
      let written = room - Int(stream.pointee.avail_out)
      count += written
      produced += written
      if packed.packing != .gzip { checksum = crc32_z(checksum, output, written) }
      guard produced <= limit else { throw packed.failure(.expandsTooMuch) }
      switch status {
      case Z_OK: break
      case Z_BUF_ERROR where stream.pointee.avail_in == 0: break
      case Z_STREAM_END: try endOfStream()
      default:
        throw packed.failure(.damaged(stream.pointee.msg.map { String(cString: $0) } ?? "zlib's code \(status)"))
      }
    }
    return count
  }

  /// Reads the next compressed bytes.
  private func refill() throws(PackedFileError) {
    guard !rest.isEmpty else { throw packed.failure(.truncated) }
    let buffer = UnsafeMutableRawBufferPointer(start: input, count: min(Self.inputBytes, rest.count))
    let count: Int
    do throws(FileError) {
      count = try file.read(into: buffer, at: rest.lowerBound)
    } catch {
      throw packed.failure(.unreadable(error.reason, isRegular: !error.isNotRegular))
    }
    guard count == buffer.count else { throw packed.failure(.truncated) }
    rest = rest.lowerBound + count..<rest.upperBound
    stream.pointee.next_in = input
    stream.pointee.avail_in = UInt32(count)
  }

  /// After a stream's end: a gzip file may continue with another, or be padded with zeros; a member is compared with what the
  /// archive says.
  private func endOfStream() throws(PackedFileError) {
    if case .zip(let member) = packed.packing {
      hasEnded = true
      guard produced == member.size else { throw packed.failure(.damaged("its length is not the one it claims")) }
      guard checksum == UInt(member.checksum) else { throw packed.failure(.damaged("its checksum is wrong")) }
      return
    }
    while true {
      if stream.pointee.avail_in == 0 {
        guard !rest.isEmpty else {
          hasEnded = true
          return
        }
        try refill()
      }
      guard let next = stream.pointee.next_in else { return }
      if next.pointee != 0 { break }
      stream.pointee.next_in = next + 1
      stream.pointee.avail_in -= 1
    }
    guard stream.pointee.next_in?.pointee == 0x1F else { throw packed.failure(.damaged("other bytes follow its end")) }
    inflateReset(stream)
  }
}
