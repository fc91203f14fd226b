import Platform

/// A request, complete with its body.
package struct HTTPRequest: Hashable, Sendable {
  /// The method, as it came: `GET`, `POST`.
  package var method: String
  /// The path, decoded, without the query.
  package var path: String
  /// The query's names and values, decoded, in their order.
  package var query: [Field]
  /// The headers, with names in lower case, in their order.
  package var headers: [Field]
  /// The body; empty where there is none.
  package var body: [UInt8]

  /// A name with its value.
  package struct Field: Hashable, Sendable {
    package var name: String, value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A request of these parts.
  package init(
    _ method: String, _ path: String, query: [Field] = [], headers: [Field] = [], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// The value of a header, whose name is in lower case; of several, the first.
  package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// An answer, complete with its body.
package struct HTTPResponse: Hashable, Sendable {
  /// The status code.
  package var status: HTTPStatus
  /// What the body is: a media type.
  package var contentType: String
  /// Headers beside those that every answer has.
  package var headers: [HTTPRequest.Field] = []
  /// The body.
  package var body: [UInt8]

  /// An answer with that body.
  package init(_ status: HTTPStatus = .ok, _ contentType: String, _ body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }
}

/// The status codes that this server answers with (RFC 9110, section 15).
package enum HTTPStatus: Int, Sendable, CaseIterable {
  case ok = 200
  case badRequest = 400
  case forbidden = 403
  case notFound = 404
  case methodNotAllowed = 405
  case requestTimeout = 408
  case lengthRequired = 411
  case contentTooLarge = 413
  case uriTooLong = 414
  case unsupportedMediaType = 415
  case expectationFailed = 417
  case misdirectedRequest = 421
  case unprocessableContent = 422
  case headersTooLarge = 431
  case internalError = 500
  case notImplemented = 501
  case unavailable = 503
  case versionNotSupported = 505

  /// The phrase after the number, which nobody reads.
  package var phrase: String {
    switch self {
    case .ok: "OK"
    case .badRequest: "Bad Request"
    case .forbidden: "Forbidden"
    case .notFound: "Not Found"
    case .methodNotAllowed: "Method Not Allowed"
    case .requestTimeout: "Request Timeout"
    case .lengthRequired: "Length Required"
    case .contentTooLarge: "Content Too Large"
    case .uriTooLong: "URI Too Long"
    case .unsupportedMediaType: "Unsupported Media Type"
    case .expectationFailed: "Expectation Failed"
    case .misdirectedRequest: "Misdirected Request"
    case .unprocessableContent: "Unprocessable Content"
    case .headersTooLarge: "Request Header Fields Too Large"
    case .internalError: "Internal Server Error"
    case .notImplemented: "Not Implemented"
    case .unavailable: "Service Unavailable"
    case .versionNotSupported: "HTTP Version Not Supported"
    }
  }
}

/// Why a request is not answered as it wishes: the status, and a sentence that says what is wrong, and where.
package struct RequestFault: Error, Hashable, Sendable {
  package var status: HTTPStatus
  package var message: String
  /// Headers that the status asks for, as `Allow` and `Retry-After`.
  package var headers: [HTTPRequest.Field]

  /// A fault of that kind.
  package init(_ status: HTTPStatus, _ message: String, headers: [HTTPRequest.Field] = []) {
    self.status = status
    self.message = message
    self.headers = headers
  }

  /// The answer, in JSON: `{"error": "..."}`.
  package var response: HTTPResponse {
    var body = Array("{\"error\": ".utf8)
    body.appendJSON(message)
    body += "}\n".utf8
    var response = HTTPResponse(status, "application/json", body)
    response.headers = headers
    return response
  }
}
