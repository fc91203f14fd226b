import Serving
import TestTags
import Testing

@Suite("Requests from bytes", .tags(.files))
struct RequestReaderTests {
  private static let post = "POST /predict?top=3&fit=a%20b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
  private static let chunked =
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n01\r\nc\r\n0\r\nTrailer: 1\r\n\r\n"

  /// All requests of a text that comes in pieces.
  private func requests(_ text: String, pieces: Int = .max, most: Int = 100) throws -> [HTTPRequest] {
    var (reader, requests) = (RequestReader(mostBodyBytes: most), [HTTPRequest]())
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: min(pieces, bytes.count)) {
      reader.append(bytes[start..<min(start + min(pieces, bytes.count), bytes.count)])
      reading: while true {
        switch try reader.next() {
        case .incomplete: break reading
        case .head: continue
        case .request(let request, _): requests.append(request)
        }
      }
    }
    return requests
  }

  @Test(arguments: [1, 2, 3, 10, .max])
  func `Pieces of any size are the same requests`(pieces: Int) throws {
    let found = try requests(Self.post + Self.chunked + "\r\n" + Self.post, pieces: pieces)
    try #require(found.count == 3)
    #expect(found[0].path == "/predict")
    #expect(found[0].query == [.init("top", "3"), .init("fit", "a b")])
    #expect(found.map { String(decoding: $0.body, as: UTF8.self) } == ["abc", "abc", "abc"])
    #expect(found[0] == found[2])
  }

  @Test(arguments: [
    ("Content-Length: 101", HTTPStatus.contentTooLarge), ("Content-Length: +1", .badRequest),
    ("Content-Length: 1, 1", .badRequest), ("Transfer-Encoding: chunked, gzip", .notImplemented),
    ("Transfer-Encoding: chunked\r\nContent-Length: 1", .badRequest), ("X: a\r\n\tb", .badRequest),
    ("X y: a", .badRequest),
    ("Expect: nothing", .expectationFailed),
  ])
  func `Heads that can be understood in two ways are refused`(line: String, status: HTTPStatus) {
    let fault = #expect(throws: RequestFault.self) { try requests("POST / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n") }
    #expect(fault?.status == status)
  }

  @Test func `Chunks beyond the most are refused before they come`() {
    let fault = #expect(throws: RequestFault.self) { try requests(Self.chunked, most: 2) }
    #expect(fault?.status == .contentTooLarge)
  }

  @Test(
    arguments: [
      ("localhost:8080", nil, nil), ("127.0.0.1", "http://127.0.0.1", nil), ("[::1]:80", nil, nil),
      ("127.0.0.1.evil.com", nil, 421),
      ("evil.com", nil, 421), ("localhost", "http://evil.com", 403), ("localhost", "null", 403), ("box", nil, nil),
    ] as [(String, String?, Int?)])
  func `Pages of other sites are turned away`(host: String, origin: String?, status: Int?) {
    var request = HTTPRequest("GET", "/", headers: [.init("host", host)])
    if let origin { request.headers.append(.init("origin", origin)) }
    var found: Int?
    do { try HostCheck(isLoopback: true, ownName: "Box").check(request) } catch { found = error.status.rawValue }
    #expect(found == status)
    #expect(throws: Never.self) {
      try HostCheck(isLoopback: false, ownName: "0.0.0.0").check(
        HTTPRequest("GET", "/", headers: [.init("host", host)]))
    }
  }
}
