/// The head of a request in HTTP/1.0 or 1.1: the request line and the headers (RFC 9112).
///
/// It is read strictly. Whatever two readers could understand differently is refused: folded lines, space before a colon, bare line feeds,
/// several lengths, a length together with a transfer coding.
package struct HTTPHead: Hashable, Sendable {
  /// The request, without a body.
  package var request: HTTPRequest
  /// Whether it is HTTP/1.0, which knows neither chunks nor 100 (Continue).
  package var isOld: Bool
  /// How long the body is.
  package var length: BodyLength
  /// Whether the client waits for 100 (Continue) before it sends the body.
  package var expectsContinue = false
  /// Whether the connection is to be kept for another request.
  package var keepsAlive: Bool

  /// How long a body is.
  package enum BodyLength: Hashable, Sendable {
    /// The head says so; 0 where it says nothing.
    case known(Int)
    /// It comes in chunks.
    case chunked
  }

  /// The most bytes of a head, of a target, and the most headers.
  package static let (mostBytes, mostTargetBytes, mostHeaders) = (16_384, 4096, 100)

  /// Reads a head: all lines up to the empty one, without it.
  package init(_ lines: ArraySlice<UInt8>) throws(RequestFault) {
    var lines = Lines(rest: lines)
    let (method, target, isOld) = try Self.requestLine(try lines.next() ?? [])
    var headers: [HTTPRequest.Field] = []
    while let line = try lines.next() {
      guard headers.count < Self.mostHeaders else {
        throw RequestFault(.headersTooLarge, "the request has more than \(Self.mostHeaders) headers")
      }
      headers.append(try Self.header(line))
    }
    self.isOld = isOld
    let (path, query) = try Target.parse(target)
    request = HTTPRequest(method, path, query: query, headers: headers)
    length = .known(0)
    let connection = Self.list("connection", in: headers)
    keepsAlive = isOld ? connection.contains("keep-alive") : !connection.contains("close")
    let hosts = headers.count { $0.name == "host" }
    guard hosts == 1 || hosts == 0 && isOld else {
      throw RequestFault(.badRequest, "the request has \(hosts == 0 ? "no Host header" : "several Host headers")")
    }
    length = try bodyLength()
    if let expectation = request.header("expect") {
      guard expectation.lowercased() == "100-continue" else {
        throw RequestFault(.expectationFailed, "of expectations only 100-continue is known")
      }
      expectsContinue = !isOld
    }
  }

  private func bodyLength() throws(RequestFault) -> BodyLength {
    let codings = request.headers.filter { $0.name == "transfer-encoding" }
    let lengths = request.headers.filter { $0.name == "content-length" }
    guard codings.isEmpty || lengths.isEmpty else {
      throw RequestFault(.badRequest, "the request has both Content-Length and Transfer-Encoding")
    }
    guard codings.isEmpty else {
      guard !isOld else { throw RequestFault(.badRequest, "HTTP/1.0 has no Transfer-Encoding") }
      guard codings.count == 1, codings[0].value.lowercased() == "chunked" else {
        throw RequestFault(.notImplemented, "of transfer codings only chunked is known")
      }
      return .chunked
    }
    guard !lengths.isEmpty else { return .known(0) }
    let digits = lengths[0].value.utf8
    guard lengths.count == 1, !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw RequestFault(.badRequest, "Content-Length is not one whole number")
    }
    return .known(Int(lengths[0].value) ?? .max)
  }

  private static func requestLine(_ line: ArraySlice<UInt8>) throws(RequestFault) -> (String, [UInt8], isOld: Bool) {
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isTokenByte), !words[1].isEmpty,
      words[1].allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw RequestFault(.badRequest, "the first line is no request of HTTP/1.1") }
    let version = String(decoding: words[2], as: UTF8.self)
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
      throw words[2].starts(with: "HTTP/".utf8)
        ? RequestFault(.versionNotSupported, "HTTP/1.1 and HTTP/1.0 are spoken here")
        : RequestFault(.badRequest, "the first line is no request of HTTP/1.1")
    }
    guard words[1].count <= mostTargetBytes else {
      throw RequestFault(.uriTooLong, "the request's target has more than \(mostTargetBytes) bytes")
    }
    return (String(decoding: words[0], as: UTF8.self), Array(words[1]), version == "HTTP/1.0")
  }

  private static func header(_ line: ArraySlice<UInt8>) throws(RequestFault) -> HTTPRequest.Field {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(isTokenByte)
    else { throw RequestFault(.badRequest, "a header is not a name, a colon and a value") }
    var value = line[(colon + 1)...]
    while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
    while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw RequestFault(.badRequest, "a header's value has a control character")
    }
    let name = line[..<colon].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return HTTPRequest.Field(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
  }

  /// The words of a header that is a list, in lower case.
  private static func list(_ name: String, in headers: [HTTPRequest.Field]) -> [String] {
    headers.filter { $0.name == name }.flatMap { $0.value.split(separator: ",") }
      .map { $0.lowercased().filter { $0 != " " && $0 != "\t" } }
  }

  /// A byte of a token (RFC 9110, section 5.6.2).
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

/// Lines that end in carriage return and line feed.
private struct Lines {
  var rest: ArraySlice<UInt8>

  /// The next line without its end; nil after the last one.
  mutating func next() throws(RequestFault) -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
    var line = rest[..<end]
    rest = rest[min(end + 1, rest.endIndex)...]
    guard end == rest.endIndex && line.last != 0x0D || line.last == 0x0D else {
      throw RequestFault(.badRequest, "a line of the request ends in a line feed alone")
    }
    if line.last == 0x0D { line = line.dropLast() }
    return line
  }
}

/// A request's target: the path and the query.
enum Target {
  static func parse(_ target: [UInt8]) throws(RequestFault) -> (path: String, query: [HTTPRequest.Field]) {
    var target = target[...]
    // The absolute form, as proxies get it.
    for scheme in ["http://", "https://"] where target.starts(with: scheme.utf8) {
      target = target.dropFirst(scheme.utf8.count).drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
      if target.first != UInt8(ascii: "/") { target = [UInt8(ascii: "/")] + target }
    }
    let pieces = target.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    let query = pieces.count > 1 ? pieces[1] : []
    var fields: [HTTPRequest.Field] = []
    for pair in query.split(separator: UInt8(ascii: "&")) {
      let words = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      fields.append(
        .init(try decoded(words[0], isQuery: true), words.count > 1 ? try decoded(words[1], isQuery: true) : ""))
    }
    return (try decoded(pieces.first ?? [], isQuery: false), fields)
  }

  /// Text without its percent signs (RFC 3986, section 2.1).
  private static func decoded(_ text: ArraySlice<UInt8>, isQuery: Bool) throws(RequestFault) -> String {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(isQuery && byte == UInt8(ascii: "+") ? 0x20 : byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, !digits.hasPrefix("+"), !digits.hasPrefix("-"), let value = UInt8(digits, radix: 16)
      else {
        throw RequestFault(.badRequest, "a percent sign in the request's target has no two hexadecimal digits")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
