import Glibc
import Platform

/// An HTTP/1.1 server on one thread, which reads requests, hands them to a service, and sends its answers.
///
/// It waits with poll(2) for all connections at once; nothing that a client does or leaves out holds up another one. Every connection has
/// a deadline: for a whole request, for taking an answer, or for staying idle.
package final class HTTPServer {
  private let socket: ListeningSocket
  private let service: any HTTPService
  private let limits: ServerLimits
  private let metrics: ServerMetrics
  private let answers: PendingAnswers
  private var connections: [Int: Connection] = [:]
  private var lastID = 0
  private var now = ContinuousClock.now
  private var reservedBytes = 0
  private var isStopping = false
  /// When connections are accepted again, after the process had no descriptor left for one.
  private var acceptsAgain = ContinuousClock.now
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var bytes = ResponseBytes()

  /// A server of that socket. It begins with `run`.
  package init(
    _ socket: ListeningSocket, _ service: any HTTPService, _ limits: ServerLimits, _ metrics: ServerMetrics
  ) throws {
    self.socket = socket
    self.service = service
    self.limits = limits
    self.metrics = metrics
    answers = try PendingAnswers()
  }

  /// Serves until the flag is raised; then requests that have come are still answered, for as long as the limits allow.
  package func run(until stop: StopFlag) {
    var end: ContinuousClock.Instant?
    while true {
      if end == nil, stop.signal != 0 {
        isStopping = true
        socket.close()
        end = now + limits.graceTime
        for connection in connections.values where connection.isIdle { close(connection) }
      }
      if let end, connections.isEmpty || now >= end { break }
      wait()
    }
    for connection in connections.values { close(connection) }
  }

  /// Waits for whatever happens next, and deals with it.
  private func wait() {
    let listening = isStopping || now < acceptsAgain ? -1 : socket.descriptor
    let order = Array(connections.values)
    var events = [
      pollfd(fd: answers.readEnd, events: Int16(POLLIN), revents: 0),
      pollfd(fd: listening, events: Int16(POLLIN), revents: 0),
    ]
    events += order.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    // Deadlines and the flag are looked at several times a second.
    let count = poll(&events, nfds_t(events.count), 200)
    now = .now
    if count > 0 {
      if events[0].revents != 0 { answers.take().forEach(send) }
      for (connection, event) in zip(order, events.dropFirst(2)) where event.revents != 0 {
        happened(Int32(event.revents), connection)
      }
      if events[1].revents != 0 { accept() }
    }
    for connection in order where connection.deadline <= now { expire(connection) }
  }

  /// The most connections that are told that there are too many.
  private static let mostRefusals = 64

  // MARK: - Connections

  private func accept() {
    while true {
      let descriptor = Glibc.accept(socket.descriptor, nil, nil)
      guard descriptor >= 0 else {
        if errno == EMFILE || errno == ENFILE { acceptsAgain = now + .milliseconds(100) }
        return
      }
      // Those who are told that they are too many take descriptors too.
      guard connections.count < limits.connections + Self.mostRefusals else {
        metrics.turnedAway()
        _ = Glibc.close(descriptor)
        continue
      }
      Connection.prepare(descriptor)
      var yes: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      lastID += 1
      let connection = Connection(
        id: lastID, descriptor: descriptor, mostBodyBytes: limits.bodyBytes, deadline: now + limits.requestTime)
      // A place of a connection that is only kept is given to one that wants something.
      if connections.count >= limits.connections { makeRoom() }
      let isTooMany = connections.count >= limits.connections
      connections[lastID] = connection
      metrics.opened()
      if isTooMany {
        metrics.turnedAway()
        refuse(
          connection,
          RequestFault(
            .unavailable, "too many connections are open; try again", headers: [.init("Retry-After", "1")]))
      }
    }
  }

  private func makeRoom() {
    let idle = connections.values.filter { $0.isIdle && $0.hasServed }
    if let oldest = idle.min(by: { $0.deadline < $1.deadline }) { close(oldest) }
  }

  private func close(_ connection: Connection) {
    guard connections.removeValue(forKey: connection.id) != nil else { return }
    release(connection)
    if connection.current != nil {
      metrics.abandoned()
      connection.abandon?()
    }
    connection.close()
    metrics.closed()
  }

  private func release(_ connection: Connection) {
    reservedBytes -= connection.reserved
    connection.reserved = 0
  }

  /// A connection's time is over.
  private func expire(_ connection: Connection) {
    switch connection.state {
    case .reading where connection.reader.hasBegun:
      refuse(
        connection,
        RequestFault(.requestTimeout, "the request did not come within \(limits.requestTime.seconds) seconds"))
    case .answering: connection.deadline = now + limits.requestTime
    default: close(connection)
    }
  }

  private func happened(_ events: Int32, _ connection: Connection) {
    switch connection.state {
    case .reading: receive(connection)
    case .writing: flush(connection)
    case .draining:
      if case .end = connection.receive(&buffer) { close(connection) }
    // Only that both sides have ended is told here.
    case .answering: close(connection)
    case .closed: break
    }
  }

  private func receive(_ connection: Connection) {
    switch connection.receive(&buffer) {
    case .nothing: break
    case .end: close(connection)
    case .bytes(let count):
      if !connection.reader.hasBegun { connection.deadline = now + limits.requestTime }
      connection.reader.append(buffer[..<count])
      read(connection)
    }
  }

  // MARK: - Requests

  /// Reads a request from what has come, if it is complete.
  private func read(_ connection: Connection) {
    do throws(RequestFault) {
      while true {
        switch try connection.reader.next() {
        case .incomplete: return
        case .head(let head):
          try admit(head, connection)
          if head.expectsContinue { connection.sendContinue() }
        case .request(let request, let keepsAlive):
          return begin(request, keepsAlive: keepsAlive, connection)
        }
      }
    } catch {
      refuse(connection, error)
    }
  }

  private func admit(_ head: HTTPHead, _ connection: Connection) throws(RequestFault) {
    connection.isHead = head.request.method == "HEAD"
    try service.admit(head)
    let bytes = if case .known(let length) = head.length { length } else { limits.bodyBytes }
    guard reservedBytes + bytes <= limits.allBodyBytes else {
      throw RequestFault(
        .unavailable, "too many bytes of other requests are being received; try again",
        headers: [.init("Retry-After", "1")])
    }
    connection.reserved = bytes
    reservedBytes += bytes
  }

  private func begin(_ request: HTTPRequest, keepsAlive: Bool, _ connection: Connection) {
    connection.state = .answering
    connection.keepsAlive = keepsAlive && !isStopping
    connection.current = (service.route(of: request), now)
    connection.deadline = now + limits.requestTime
    metrics.began()
    let (answers, id) = (answers, connection.id)
    connection.abandon = service.answer(request) { answers.add(.init(connection: id, response: $0)) }
  }

  /// Sends an answer, if its client is still there.
  private func send(_ answer: PendingAnswers.Answer) {
    guard let connection = connections[answer.connection], let current = connection.current else { return }
    connection.current = nil
    connection.abandon = nil
    release(connection)
    let duration = current.begin.duration(to: now)
    metrics.ended(current.route, answer.response.status, seconds: duration.seconds)
    if isStopping { connection.keepsAlive = false }
    send(answer.response, connection)
  }

  /// Answers what is no request, or none that is wished, and ends the connection: where the next request begins is not known.
  private func refuse(_ connection: Connection, _ fault: RequestFault) {
    release(connection)
    metrics.refused(fault.status)
    connection.keepsAlive = false
    send(fault.response, connection)
  }

  private func send(_ response: HTTPResponse, _ connection: Connection) {
    connection.deadline = now + limits.requestTime
    connection.send(bytes.bytes(response, isHead: connection.isHead, keepsAlive: connection.keepsAlive))
    flush(connection)
  }

  private func flush(_ connection: Connection) {
    switch connection.flush() {
    case .some: break
    case .failed: close(connection)
    case .all where connection.keepsAlive && !isStopping:
      connection.state = .reading
      connection.hasServed = true
      connection.isHead = false
      connection.deadline = now + (connection.reader.hasBegun ? limits.requestTime : limits.idleTime)
      // The next request may have come already.
      read(connection)
    case .all: connection.drain(until: now + .seconds(2))
    }
  }
}
