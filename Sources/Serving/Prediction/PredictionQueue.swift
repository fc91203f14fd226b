import Datasets
import Dispatch
import ImageFiles
import Platform
import Predictions
import Runs
import Synchronization

/// Threads that decode the images of requests and compute their predictions, batch by batch.
///
/// There is no timer: a thread that finds images and nothing to decode computes at once, and what comes meanwhile is the next batch. So a
/// single request does not wait for others, and many requests share the network's passes. An image's probabilities do not depend on
/// its batch.
package final class PredictionQueue: Sendable {
  /// How much is taken on.
  package struct Limits: Sendable {
    /// The threads.
    package var threads = 1
    /// The most images of one batch.
    package var batch = 32
    /// The most requests that wait, and the most images of one of them.
    package var waiting = 1024
    /// The most pixels of a picture.
    package var pixels = 25_000_000
    /// How long a request may wait for a thread.
    package var time = Duration.seconds(30)

    package init() {}
  }

  private enum Work {
    case open(PredictionJob)
    case decode(PredictionJob, Int, [UInt8])
    case compute([Ready])
  }

  /// An image that waits for the network.
  private struct Ready: Sendable {
    let job: PredictionJob
    let index: Int
    let pixels: [UInt8]
  }

  private struct State {
    var requests: [PredictionJob] = []
    var files: [(job: PredictionJob, index: Int, bytes: [UInt8])] = []
    var images: [Ready] = []
    var isStopped = false
  }

  private let model: StoredModel
  private let classes: ClassNames?
  private let limits: Limits
  private let metrics: ServerMetrics
  private let reader: RequestedImages
  private let format: PredictionJSON
  private let state = Mutex(State())
  /// Raised for each piece of work that is added; a thread that is awake takes whatever there is.
  private let added = DispatchSemaphore(value: 0)
  private let threads = Mutex<[WorkerThread]>([])

  /// Starts the threads. Throws a `Failure` if the system cannot.
  ///
  /// - Parameter classes: the names of the classes; nil for the model's own.
  package init(_ model: StoredModel, classes: ClassNames?, _ limits: Limits, _ metrics: ServerMetrics) throws {
    self.model = model
    self.classes = classes
    self.limits = limits
    self.metrics = metrics
    reader = RequestedImages(model.architecture.rowRequest.format, mostImages: limits.waiting)
    format = PredictionJSON(model.classes(named: classes))
    for _ in 0..<limits.threads {
      guard let thread = WorkerThread(stackSize: 8 << 20, { self.work() }) else {
        stop()
        throw Failure(.unavailable, "the system cannot start \(limits.threads) threads")
      }
      threads.withLock { $0.append(thread) }
    }
  }

  /// How many images and unread requests wait.
  package var waiting: Int { state.withLock { $0.requests.count + $0.files.count + $0.images.count } }

  /// Takes a request on; `reply` is called once, on one of the threads, or now if too much waits.
  ///
  /// - Returns: the job, to be abandoned if its client goes.
  @discardableResult
  func predict(_ request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void) -> PredictionJob? {
    do throws(RequestFault) {
      let job = PredictionJob(request, try PredictionOptions(request.query), begin: .now, reply: reply)
      let isTaken = state.withLock { state in
        guard state.requests.count + state.images.count + state.files.count < limits.waiting, !state.isStopped else {
          return false
        }
        state.requests.append(job)
        return true
      }
      guard isTaken else { throw Self.busy("too many requests wait for the network") }
      added.signal()
      return job
    } catch {
      reply(error.response)
      return nil
    }
  }

  /// Ends the threads when nothing waits any more, and waits for them.
  package func stop() {
    state.withLock { $0.isStopped = true }
    for _ in 0..<limits.threads { added.signal() }
    for thread in threads.withLock({ $0 }) { thread.join() }
    threads.withLock { $0 = [] }
  }

  private static func busy(_ why: String) -> RequestFault {
    RequestFault(.unavailable, "\(why); try again", headers: [.init("Retry-After", "1")])
  }

  // MARK: - The threads

  private func work() {
    let classifier = ImageClassifier(model, classes: classes)
    while true {
      added.wait()
      while let work = next() {
        switch work {
        case .open(let job): open(job, classifier)
        case .decode(let job, let index, let bytes): decode(job, index, bytes, classifier)
        case .compute(let images): compute(images, classifier)
        }
      }
      if state.withLock(\.isStopped) { return }
    }
  }

  /// A full batch comes first, then what may become a part of the next one.
  private func next() -> Work? {
    state.withLock { state in
      if state.images.count < limits.batch {
        if let file = state.files.popLast() { return .decode(file.job, file.index, file.bytes) }
        if !state.requests.isEmpty { return .open(state.requests.removeFirst()) }
      }
      guard !state.images.isEmpty else { return nil }
      let count = min(limits.batch, state.images.count)
      defer { state.images.removeFirst(count) }
      return .compute(Array(state.images[..<count]))
    }
  }

  /// Reads a request's body.
  private func open(_ job: PredictionJob, _ classifier: ImageClassifier) {
    guard !job.isOver else { return }
    guard job.begin.duration(to: .now) < limits.time else {
      return job.answer(Self.busy("the request has waited too long for the network").response)
    }
    do throws(RequestFault) {
      let images = try reader.images(of: job.request)
      job.expect(images.count)
      if images.count == 1, case .file(let bytes) = images[0] { return decode(job, 0, bytes, classifier) }
      var (files, ready): ([(PredictionJob, Int, [UInt8])], [Ready]) = ([], [])
      for (index, image) in images.enumerated() {
        switch image {
        case .file(let bytes): files.append((job, index, bytes))
        case .pixels(let pixels):
          ready.append(Ready(job: job, index: index, pixels: classifier.input(ofPixels: pixels)))
        }
      }
      add(files: files, images: ready)
    } catch {
      job.answer(error.response)
    }
  }

  /// Makes work for other threads too.
  private func add(files: [(PredictionJob, Int, [UInt8])] = [], images: [Ready]) {
    state.withLock { state in
      state.files += files.map { (job: $0.0, index: $0.1, bytes: $0.2) }
      state.images += images
    }
    for _ in 0..<min(limits.threads - 1, files.count + images.count / limits.batch) { added.signal() }
  }

  private func decode(_ job: PredictionJob, _ index: Int, _ bytes: [UInt8], _ classifier: ImageClassifier) {
    guard !job.isOver else { return }
    guard classifier.takesPictures else {
      return job.answer(
        RequestFault(
          .unsupportedMediaType,
          "the network's images have \(classifier.format.channels) channels; send them as JSON with \"pixels\""
        ).response)
    }
    do {
      let shape = try Picture.shape(decoding: bytes)
      guard shape.height <= limits.pixels / shape.width else {
        return job.answer(tooLarge(shape.width, shape.height).response)
      }
      let pixels = try classifier.input(of: try Picture(decoding: bytes), fit: job.options.fit)
      add(images: [Ready(job: job, index: index, pixels: pixels)])
    } catch PictureFault.tooManyPixels(let width, let height) {
      job.answer(tooLarge(width, height).response)
    } catch {
      job.answer(RequestFault(.unprocessableContent, "the image \(error)").response)
    }
  }

  private func tooLarge(_ width: Int, _ height: Int) -> RequestFault {
    RequestFault(
      .contentTooLarge, "the image has \(width) x \(height) pixels; at most \(limits.pixels) are taken: scale it down")
  }

  private func compute(_ images: [Ready], _ classifier: ImageClassifier) {
    let images = images.filter { !$0.job.isOver }
    guard !images.isEmpty else { return }
    metrics.computed(images: images.count)
    for (image, prediction) in zip(images, classifier.predictions(of: images.map(\.pixels))) {
      let answer = format.object(prediction, top: image.job.options.top)
      guard let all = image.job.complete(image.index, answer) else { continue }
      let body = "{\"predictions\": [".utf8 + Array(all.joined(separator: ", ".utf8)) + "]}\n".utf8
      image.job.answer(HTTPResponse(.ok, "application/json", body))
    }
  }
}
