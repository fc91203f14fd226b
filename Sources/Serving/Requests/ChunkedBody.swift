/// Puts together a body that comes in chunks (RFC 9112, section 7.1), from pieces of any size.
struct ChunkedBody {
  private enum State {
    case size, data(Int), dataEnd, trailer
  }

  /// The longest line of a chunk's size with its extensions, and the most bytes of all trailers.
  private static let (mostLine, mostTrailers) = (256, 4096)

  /// The most bytes of the body.
  let limit: Int
  /// The body so far.
  private(set) var body: [UInt8] = []
  private var state = State.size
  private var trailers = 0

  init(limit: Int) { self.limit = limit }

  /// Takes what it can from the front of the input.
  ///
  /// - Returns: whether the body is complete; what follows it stays in the input.
  mutating func take(from input: inout ArraySlice<UInt8>) throws(RequestFault) -> Bool {
    while true {
      switch state {
      case .size:
        guard let line = try Self.line(&input, most: Self.mostLine) else { return false }
        let size = try Self.size(line)
        guard size <= limit - body.count else { throw RequestFault.bodyTooLarge(limit) }
        state = size == 0 ? .trailer : .data(size)
      case .data(let missing):
        guard !input.isEmpty else { return false }
        let piece = input.prefix(missing)
        body += piece
        input = input.dropFirst(piece.count)
        state = piece.count == missing ? .dataEnd : .data(missing - piece.count)
      case .dataEnd:
        guard let line = try Self.line(&input, most: 2) else { return false }
        guard line.isEmpty else { throw Self.malformed }
        state = .size
      case .trailer:
        guard let line = try Self.line(&input, most: Self.mostTrailers) else { return false }
        if line.isEmpty { return true }
        trailers += line.count
        guard trailers <= Self.mostTrailers else { throw Self.malformed }
      }
    }
  }

  private static let malformed = RequestFault(.badRequest, "the chunks of the body are malformed")

  private static func line(_ input: inout ArraySlice<UInt8>, most: Int) throws(RequestFault) -> ArraySlice<UInt8>? {
    guard let end = input.prefix(most).firstIndex(of: 0x0A) else {
      guard input.count < most else { throw malformed }
      return nil
    }
    let line = input[..<end]
    guard line.last == 0x0D else { throw malformed }
    input = input[(end + 1)...]
    return line.dropLast()
  }

  private static func size(_ line: ArraySlice<UInt8>) throws(RequestFault) -> Int {
    let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
    let isHex = digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
    guard !digits.isEmpty, digits.count <= 8, isHex, let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw malformed }
    return size
  }
}

extension RequestFault {
  /// That a body is longer than the most that is taken.
  static func bodyTooLarge(_ limit: Int) -> RequestFault {
    RequestFault(.contentTooLarge, "the body is longer than \(limit) bytes, the most that are taken")
  }
}
