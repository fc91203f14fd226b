/// The routes of a model's server: the page, predictions, health and metrics.
package final class PredictionService: HTTPService {
  private let queue: PredictionQueue
  private let metrics: ServerMetrics
  private let hosts: HostCheck
  private let page: HTTPResponse
  private let health: HTTPResponse

  /// A service of that queue.
  ///
  /// - Parameters:
  ///   - page: the page at `/`, HTML.
  ///   - health: the answer of `/healthz`, JSON.
  package init(_ queue: PredictionQueue, _ metrics: ServerMetrics, _ hosts: HostCheck, page: [UInt8], health: [UInt8]) {
    self.queue = queue
    self.metrics = metrics
    self.hosts = hosts
    var response = HTTPResponse(.ok, "text/html; charset=utf-8", page)
    response.headers = [
      .init("Content-Security-Policy", "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
      .init("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"),
    ]
    self.page = response
    self.health = HTTPResponse(.ok, "application/json", health)
  }

  /// The route of a request's path.
  package func route(of request: HTTPRequest) -> ServerMetrics.Route {
    ServerMetrics.Route(rawValue: request.path).flatMap { $0 == .other ? nil : $0 } ?? .other
  }

  /// Refuses what has no route, another method, or a body of unknown length.
  package func admit(_ head: HTTPHead) throws(RequestFault) {
    let request = head.request
    try hosts.check(request)
    let route = route(of: request)
    guard route != .other else {
      throw RequestFault(.notFound, "there is nothing here; there are /, /predict, /healthz and /metrics")
    }
    let methods = route == .predict ? ["POST"] : ["GET", "HEAD"]
    guard methods.contains(request.method) else {
      throw RequestFault(
        .methodNotAllowed, "this takes \(methods[0]) requests",
        headers: [.init("Allow", methods.joined(separator: ", "))])
    }
    if route == .predict, head.length == .known(0), request.header("content-length") == nil {
      throw RequestFault(.lengthRequired, "the request has no Content-Length; send an image or JSON as its body")
    }
  }

  /// Answers a request that was admitted.
  package func answer(
    _ request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void
  ) -> (@Sendable () -> Void)? {
    switch route(of: request) {
    case .page: reply(page)
    case .health: reply(health)
    case .metrics:
      reply(HTTPResponse(.ok, MetricsText.contentType, Array(metrics.text(waiting: queue.waiting).utf8)))
    case .predict:
      guard let job = queue.predict(request, reply: reply) else { return nil }
      return { job.abandon() }
    case .other: reply(RequestFault(.notFound, "there is nothing here").response)
    }
    return nil
  }
}
