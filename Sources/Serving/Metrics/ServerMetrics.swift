import Glibc
import Synchronization

/// What a server counts; every thread may add to it.
package final class ServerMetrics: Sendable {
  /// Requests are counted by what they asked for; whatever is no route of the server is one of them.
  package enum Route: String, CaseIterable, Sendable {
    case page = "/"
    case predict = "/predict"
    case health = "/healthz"
    case metrics = "/metrics"
    case other = "other"
  }

  private struct Counts {
    var requests: [Key: Int] = [:]
    var durations: [Route: Histogram] = [:]
    var batches = Histogram([1, 2, 4, 8, 16, 32, 64, 128])
    var images = 0
    var connections = 0, acceptedConnections = 0, refusedConnections = 0
    var inFlight = 0
  }

  private struct Key: Hashable {
    let route: Route
    let status: Int
  }

  private let counts = Mutex(Counts())
  private let start: Double
  private let model: [(String, String)]

  /// Nothing counted yet.
  ///
  /// - Parameter model: what is known of the model and the program, as labels.
  package init(model: [(String, String)] = []) {
    self.model = model
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    start = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }

  /// A request has come, with all of its head.
  func began() { counts.withLock { $0.inFlight += 1 } }

  /// A request that had begun was answered.
  func ended(_ route: Route, _ status: HTTPStatus, seconds: Double) {
    counts.withLock { counts in
      counts.inFlight -= 1
      counts.requests[Key(route: route, status: status.rawValue), default: 0] += 1
      counts.durations[route, default: Histogram(Self.seconds)].add(seconds)
    }
  }

  /// A request that had begun will have no answer: its client has gone.
  func abandoned() { counts.withLock { $0.inFlight -= 1 } }

  /// What never was a request was answered.
  func refused(_ status: HTTPStatus) {
    counts.withLock { $0.requests[Key(route: .other, status: status.rawValue), default: 0] += 1 }
  }

  /// The network has computed a batch.
  func computed(images: Int) {
    counts.withLock { counts in
      counts.images += images
      counts.batches.add(Double(images))
    }
  }

  /// A connection was accepted.
  func opened() {
    counts.withLock { counts in
      counts.connections += 1
      counts.acceptedConnections += 1
    }
  }

  /// A connection was closed.
  func closed() { counts.withLock { $0.connections -= 1 } }

  /// A connection was refused, because there were too many.
  func turnedAway() { counts.withLock { $0.refusedConnections += 1 } }

  /// Upper ends of the ranges of durations, in seconds.
  private static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  /// Everything counted, in Prometheus' exposition format.
  ///
  /// - Parameter waiting: how many images wait for the network.
  package func text(waiting: Int) -> String {
    let counts = counts.withLock { $0 }
    var text = MetricsText()
    text.family("fingerspell_http_requests_total", .counter, "Requests that were answered, by route and status.")
    for (key, count) in counts.requests.sorted(by: {
      ($0.key.route.rawValue, $0.key.status) < ($1.key.route.rawValue, $1.key.status)
    }) {
      text.sample(
        "fingerspell_http_requests_total", [("route", key.route.rawValue), ("code", String(key.status))], Double(count))
    }
    let duration = "fingerspell_http_request_duration_seconds"
    text.family(duration, .histogram, "From a request's last byte to its answer.")
    for route in Route.allCases {
      if let histogram = counts.durations[route] { text.samples(duration, [("route", route.rawValue)], histogram) }
    }
    text.single(
      "fingerspell_http_requests_in_flight", .gauge, "Requests that are being answered.", Double(counts.inFlight))
    text.family("fingerspell_batch_images", .histogram, "Images that the network computed at once.")
    text.samples("fingerspell_batch_images", [], counts.batches)
    text.single("fingerspell_images_total", .counter, "Images that the network computed.", Double(counts.images))
    text.single("fingerspell_images_waiting", .gauge, "Images that wait for the network.", Double(waiting))
    text.single("fingerspell_connections_open", .gauge, "Open connections.", Double(counts.connections))
    text.single(
      "fingerspell_connections_total", .counter, "Connections that were accepted.", Double(counts.acceptedConnections))
    text.single(
      "fingerspell_connections_refused_total", .counter, "Connections beyond the most that may be open.",
      Double(counts.refusedConnections))
    text.family("fingerspell_model_info", .gauge, "The model and the program that serves it.")
    text.sample("fingerspell_model_info", model, 1)
    process(&text)
    return text.text
  }

  /// What Prometheus' own clients tell of every process.
  private func process(_ text: inout MetricsText) {
    text.single("process_start_time_seconds", .gauge, "When the process began to serve, in seconds since 1970.", start)
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return }
    let seconds = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
    text.single("process_cpu_seconds_total", .counter, "CPU time of the process, in seconds.", seconds)
    text.single(
      "process_max_resident_memory_bytes", .gauge, "The most memory that the process has had.",
      Double(usage.ru_maxrss) * 1024)
  }
}
