import Synchronization

/// A request for predictions while it is worked at: it is answered once.
final class PredictionJob: Sendable {
  private struct Progress {
    var answers: [[UInt8]] = []
    var missing = 0
    var isOver = false
  }

  /// The request.
  let request: HTTPRequest
  /// What it wishes of its answer.
  let options: PredictionOptions
  /// When it came.
  let begin: ContinuousClock.Instant
  private let reply: @Sendable (HTTPResponse) -> Void
  private let progress = Mutex(Progress())

  init(
    _ request: HTTPRequest, _ options: PredictionOptions, begin: ContinuousClock.Instant,
    reply: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    self.request = request
    self.options = options
    self.begin = begin
    self.reply = reply
  }

  /// Whether it has been answered, or nobody waits for the answer any more.
  var isOver: Bool { progress.withLock(\.isOver) }

  /// It has this many images.
  func expect(_ images: Int) {
    progress.withLock {
      $0.answers = [[UInt8]](repeating: [], count: images)
      $0.missing = images
    }
  }

  /// One of its images has this answer; returns those of all images when this was the last one.
  func complete(_ image: Int, _ answer: [UInt8]) -> [[UInt8]]? {
    progress.withLock { progress in
      guard !progress.isOver else { return nil }
      progress.answers[image] = answer
      progress.missing -= 1
      return progress.missing == 0 ? progress.answers : nil
    }
  }

  /// Answers, unless it has been.
  func answer(_ response: @autoclosure () -> HTTPResponse) {
    let isFirst = progress.withLock { progress in
      defer { progress.isOver = true }
      return !progress.isOver
    }
    if isFirst { reply(response()) }
  }

  /// Forgets it: its client has gone.
  func abandon() { progress.withLock { $0.isOver = true } }
}
