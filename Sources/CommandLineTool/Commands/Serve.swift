import ArgumentParser
import Datasets
import ModelExchange
import NeuralNet
import Platform
import Runs
import Serving

/// `fingerspell serve`.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer requests for predictions over HTTP.",
    discussion: """
      Prints its address when it is ready, and serves until SIGINT or SIGTERM; then it answers what it has begun, and exits with 0.

        GET /         a page for a browser
        POST /predict a PNG or JPEG image, a form with images, or JSON:
                      {"pixels": [...]}, {"instances": [...]}, {"image": base64}
        GET /healthz  whether it serves, and which model
        GET /metrics  numbers for Prometheus

      /predict?top=3 lists the three most probable classes apart, and fit=crop|pad|stretch|hand what is done with pictures of another shape. \
      Requests that come while the network computes form the next batch.

      Only this machine can ask it, unless --host names another address. There is no password and no encryption: to the outside belongs \
      a proxy that has them.

      EXAMPLES
        fingerspell serve runs/first/model.safetensors
        curl --data-binary @hand.jpg http://127.0.0.1:8080/predict?top=3
      """)

  @OptionGroup var model: ModelArgument
  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Data") var classNames: ClassNamesOption
  @OptionGroup(title: "Server") var server: ServerOptions

  func run() throws {
    let file = try StoredModel(path: model.path, network: network.architecture())
    let names = try classNames.names
    let model = try ExportedModel(file, classes: names, path: classNames.path)
    let format = file.architecture.rowRequest.format
    let metrics = ServerMetrics(model: [("sha256", model.checksum), ("version", ProgramVersion.text)])
    let socket = try ListeningSocket(host: server.host, port: server.port)
    let queue = try PredictionQueue(file, classes: names, server.queueLimits, metrics)
    let service = PredictionService(
      queue, metrics, HostCheck(socket), page: Array(ServedPage.html(model, format).utf8),
      health: try Health(model, format).json())
    let listener = try HTTPServer(socket, service, server.limits, metrics)
    for warning in file.warnings(path: self.model.path) { Ending.complain("warning: \(warning)") }
    if !socket.isLoopback {
      Ending.complain(
        "warning: other machines can ask this server\(socket.isOnAllInterfaces ? ", on every network of this one" : ""), and "
          + "nothing is encrypted")
    }
    let stop = StopSignals.install()
    try Console().line("Serving \(foreign(self.model.path)) on \(socket.address)")
    listener.run(until: stop)
    queue.stop()
  }
}

/// Where a model is served, and how much at a time.
struct ServerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The port; 0 for any that is free.", valueName: "number"))
  var port = 8080

  @Option(
    help: ArgumentHelp(
      "The address to listen on: a name or a number of this machine; 0.0.0.0 for all of its networks.",
      valueName: "host"))
  var host = "127.0.0.1"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Number of threads that decode images and compute. (default: one per available core)", valueName: "n"))
  var threads: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The most images that the network computes at once.", valueName: "n"))
  var maxBatch = 32

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most images that wait, and the most of one request; beyond it the answer is 503.", valueName: "n"))
  var maxWaiting = 1024

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most connections at a time; beyond it the answer is 503.", valueName: "n"))
  var maxConnections = 256

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The longest body of a request, in MiB; beyond it the answer is 413.", valueName: "n"))
  var maxBody = 16

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most pixels of a picture; beyond it the answer is 413.", valueName: "n"))
  var maxPixels = 25_000_000

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long a request may take to arrive, to wait for the network, or its answer to be fetched: seconds, or a number with s, m, h or "
        + "d. (default: 30 s)", valueName: "time"))
  var requestTimeout: TimeSpan?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long requests are still answered after SIGINT or SIGTERM. (default: 10 s)", valueName: "time"))
  var gracePeriod: TimeSpan?

  func validate() throws {
    try Bounds.check("--port", port, 0...65535)
    if let threads { try Bounds.check("--threads", threads, Bounds.workers) }
    try Bounds.check("--max-batch", maxBatch, 1...1024)
    try Bounds.check("--max-waiting", maxWaiting, 1...1 << 20)
    try Bounds.check("--max-connections", maxConnections, 1...10_000)
    try Bounds.check("--max-body", maxBody, 1...1024)
    try Bounds.check("--max-pixels", maxPixels, 1...1 << 26)
    try require(requestTimeout?.seconds, in: 1...86_400, "--request-timeout")
    try require(gracePeriod?.seconds, in: 1...86_400, "--grace-period")
  }

  /// What the threads take on.
  var queueLimits: PredictionQueue.Limits {
    var limits = PredictionQueue.Limits()
    limits.threads = threads ?? UsableCores.count
    limits.batch = maxBatch
    limits.waiting = maxWaiting
    limits.pixels = maxPixels
    limits.time = self.limits.requestTime
    return limits
  }

  /// What the server takes on.
  var limits: ServerLimits {
    var limits = ServerLimits()
    limits.connections = maxConnections
    limits.bodyBytes = maxBody << 20
    if let requestTimeout { limits.requestTime = .seconds(requestTimeout.seconds) }
    if let gracePeriod { limits.graceTime = .seconds(gracePeriod.seconds) }
    return limits
  }
}
