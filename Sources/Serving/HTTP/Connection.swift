import Glibc

/// One connection of a server, on the server's thread.
final class Connection {
  /// What it does.
  enum State {
    /// It waits for a request, or reads one.
    case reading
    /// A request is being answered; nothing is read.
    case answering
    /// It sends an answer.
    case writing
    /// It has sent its last answer, and forgets what still comes: a client that is still sending would otherwise never see the answer.
    case draining
    /// It has ended.
    case closed
  }

  let id: Int
  let descriptor: Int32
  var state = State.reading
  /// When it is closed, unless it gets on.
  var deadline: ContinuousClock.Instant
  var reader: RequestReader
  /// Bytes of bodies that it has been promised.
  var reserved = 0
  /// Whether a request of it has been answered.
  var hasServed = false
  /// Whether it is kept after the present answer.
  var keepsAlive = true
  /// Whether the present request's answer has no body (HEAD).
  var isHead = false
  /// The present request's route, and when its last byte came.
  var current: (route: ServerMetrics.Route, begin: ContinuousClock.Instant)?
  /// Called if the client goes before its answer.
  var abandon: (@Sendable () -> Void)?
  private var output: [UInt8] = []
  private var sent = 0

  init(id: Int, descriptor: Int32, mostBodyBytes: Int, deadline: ContinuousClock.Instant) {
    self.id = id
    self.descriptor = descriptor
    self.deadline = deadline
    reader = RequestReader(mostBodyBytes: mostBodyBytes)
  }

  /// Makes a descriptor one that is never waited for, and that no other program inherits.
  static func prepare(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  /// What to wait for.
  var events: Int16 {
    switch state {
    case .reading, .draining: Int16(POLLIN)
    case .writing: Int16(POLLOUT)
    case .answering, .closed: 0
    }
  }

  /// Whether nothing was asked of it for the moment.
  var isIdle: Bool { if case .reading = state { !reader.hasBegun } else { false } }

  enum Received {
    case bytes(Int), nothing, end
  }

  /// Reads what has come into the buffer.
  func receive(_ buffer: inout [UInt8]) -> Received {
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    if count > 0 { return .bytes(count) }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
  }

  /// Begins to send.
  func send(_ bytes: [UInt8]) {
    output = bytes
    sent = 0
    state = .writing
  }

  /// Sends 100 (Continue), which always fits into the empty buffer of a client that waits.
  func sendContinue() {
    let text = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    _ = text.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  enum Flushed {
    case all, some, failed
  }

  /// Sends on.
  func flush() -> Flushed {
    while sent < output.count {
      let count = output[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 { return errno == EAGAIN ? .some : errno == EINTR ? .some : .failed }
      sent += count
    }
    output = []
    return .all
  }

  /// Ends its own side, and waits for the client to do the same.
  func drain(until deadline: ContinuousClock.Instant) {
    shutdown(descriptor, Int32(SHUT_WR))
    state = .draining
    self.deadline = deadline
  }

  func close() {
    guard state != .closed else { return }
    state = .closed
    _ = Glibc.close(descriptor)
  }
}
