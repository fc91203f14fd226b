/// Reads the requests of a connection from its bytes, which come in pieces of any size.
package struct RequestReader {
  /// What the bytes so far are.
  package enum Progress: Hashable, Sendable {
    /// A part of a request, or nothing.
    case incomplete
    /// A complete head: to be admitted, or refused, before the body is read.
    case head(HTTPHead)
    /// A complete request.
    case request(HTTPRequest, keepsAlive: Bool)
  }

  private enum Body {
    case known(Int)
    case chunked(ChunkedBody)
  }

  /// The most bytes of a body.
  package let mostBodyBytes: Int
  private var input: ArraySlice<UInt8> = []
  private var current: (head: HTTPHead, body: Body)?

  /// A reader of a new connection.
  package init(mostBodyBytes: Int) { self.mostBodyBytes = mostBodyBytes }

  /// Whether a part of a request has come.
  package var hasBegun: Bool { current != nil || !input.isEmpty }

  /// Adds bytes that have come.
  package mutating func append(_ bytes: some Collection<UInt8>) {
    if input.isEmpty { input = [] }
    input += bytes
  }

  /// Reads on. After `head` and `request` there may be more.
  package mutating func next() throws(RequestFault) -> Progress {
    guard current != nil else { return try nextHead() }
    return try nextBody()
  }

  private mutating func nextHead() throws(RequestFault) -> Progress {
    // Empty lines before a request are ignored (RFC 9112, section 2.2).
    while input.starts(with: [0x0D, 0x0A]) { input = input.dropFirst(2) }
    guard let end = input.prefix(HTTPHead.mostBytes).firstRange([0x0D, 0x0A, 0x0D, 0x0A]) else {
      guard input.count < HTTPHead.mostBytes else { throw tooLong() }
      // What is no HTTP must not keep us waiting for a line's end.
      guard input.allSatisfy({ $0 != 0 }) else { throw RequestFault(.badRequest, "the request's head has a zero byte") }
      return .incomplete
    }
    let head = try HTTPHead(input[..<end.lowerBound])
    input = input[end.upperBound...]
    switch head.length {
    case .known(let length):
      guard length <= mostBodyBytes else { throw RequestFault.bodyTooLarge(mostBodyBytes) }
      current = (head, .known(length))
    case .chunked: current = (head, .chunked(ChunkedBody(limit: mostBodyBytes)))
    }
    return .head(head)
  }

  private func tooLong() -> RequestFault {
    input.prefix(HTTPHead.mostTargetBytes + 20).contains(0x0A)
      ? RequestFault(.headersTooLarge, "the request's headers have more than \(HTTPHead.mostBytes) bytes")
      : RequestFault(.uriTooLong, "the request's first line has more than \(HTTPHead.mostTargetBytes) bytes")
  }

  private mutating func nextBody() throws(RequestFault) -> Progress {
    guard case (let head, var body)? = current else { return .incomplete }
    var request = head.request
    switch body {
    case .known(let length):
      guard input.count >= length else { return .incomplete }
      request.body = Array(input.prefix(length))
      input = input.dropFirst(length)
    case .chunked(var chunks):
      // Out of its place, so that its bytes are not copied when more come.
      (current, body) = (nil, .known(0))
      let isComplete = try chunks.take(from: &input)
      guard isComplete else {
        body = .chunked(chunks)
        current = (head, body)
        return .incomplete
      }
      request.body = chunks.body
    }
    current = nil
    return .request(request, keepsAlive: head.keepsAlive)
  }
}
