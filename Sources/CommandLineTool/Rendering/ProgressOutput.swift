import Dispatch
import Glibc
import Platform
import Synchronization

/// Standard output for text that must never hold up the work: it is written by a thread of its own.
///
/// A terminal that was stopped (Ctrl-S), a hanging connection or a reader that does not read lets a write wait for as long as
/// it likes. What cannot be written meanwhile is kept up to a limit and then dropped, the oldest line staying. When whoever
/// reads has gone (EPIPE, or EIO of a terminal), nothing is written any more, and that is no error: the work is not done for
/// the reader. Any other error is told when the work is done (`finish`). Of ranks, the reader is the launcher: when it has
/// gone, nobody is left to end the job, and the error ends it.
final class ProgressOutput: Sendable {
  /// Texts that wait; of more, the newest are dropped.
  private static let mostWaiting = 256

  private struct State {
    var waiting = 0
    var isClosed = false
    var error: FileError?
  }

  private let console: Console
  private let queue = DispatchQueue(label: "progress")
  private let state = Mutex(State())

  init(_ console: Console) { self.console = console }

  /// Whether what was given is being written: a line that is redrawn is worth nothing after many others.
  var isFlowing: Bool { state.withLock { $0.waiting < 8 && !$0.isClosed } }

  /// Takes text to be written, and returns at once. Throws if a launcher has gone.
  func write(_ text: String) throws(FileError) {
    let gone = state.withLock { state -> FileError? in
      guard !state.isClosed, state.error == nil, state.waiting < Self.mostWaiting else {
        return state.error.flatMap { Self.isGone($0) ? $0 : nil }
      }
      state.waiting += 1
      queue.async { [self] in put(text) }
      return nil
    }
    if let gone { throw gone }
  }

  /// Whether whoever read has gone.
  private static func isGone(_ error: FileError) -> Bool { error.code == EPIPE || error.code == EIO }

  /// Returns when everything is written, or after `seconds` seconds; then the rest is dropped.
  ///
  /// - Parameter tick: called ten times a second meanwhile.
  func finish(within seconds: Int, tick: () -> Void) throws(FileError) {
    let done = DispatchGroup()
    queue.async(group: done) {}
    for _ in 0..<10 * seconds where done.wait(timeout: .now() + .milliseconds(100)) == .timedOut { tick() }
    if let error = state.withLock({ $0.error }) { throw error }
  }

  private func put(_ text: String) {
    guard state.withLock({ !$0.isClosed && $0.error == nil }) else { return }
    var failure: FileError?
    do throws(FileError) { try console.write(text) } catch { failure = error }
    state.withLock {
      $0.waiting -= 1
      guard let failure else { return }
      if Self.isGone(failure), Launch.environment == nil { $0.isClosed = true } else { $0.error = failure }
    }
  }
}
