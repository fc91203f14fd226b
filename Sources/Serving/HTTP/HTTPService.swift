/// What answers the requests of a server.
package protocol HTTPService: Sendable {
  /// What a request asks for, for the metrics.
  func route(of request: HTTPRequest) -> ServerMetrics.Route

  /// Refuses a request by its head, before its body is read.
  func admit(_ head: HTTPHead) throws(RequestFault)

  /// Answers a request; `reply` is called once, on any thread.
  ///
  /// - Returns: what to call if the client goes before the answer.
  func answer(_ request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void) -> (@Sendable () -> Void)?
}

/// How much a server takes on.
package struct ServerLimits: Hashable, Sendable {
  /// The most connections at a time.
  package var connections = 256
  /// The most bytes of a body.
  package var bodyBytes = 16 << 20
  /// Within what time a request must have come, and its answer must have been taken.
  package var requestTime = Duration.seconds(30)
  /// How long a connection is kept without a request.
  package var idleTime = Duration.seconds(60)
  /// How long requests are still answered after the server was told to stop.
  package var graceTime = Duration.seconds(10)

  /// The most bytes of all bodies together.
  var allBodyBytes: Int { max(256 << 20, bodyBytes) }

  package init() {}
}
