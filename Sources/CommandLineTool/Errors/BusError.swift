import Glibc
import Platform
import Training

/// What a rank says when the system cannot give it a page of memory that lies in a file (SIGBUS).
///
/// The memory that ranks of a host share lies in /dev/shm. Fingerspell's own pages are taken at the start; those of the MPI
/// library's message buffers are not, and when somebody fills /dev/shm later, the next store to a new one ends the process.
enum BusError {
  // Written once, before the handler is installed; read by the handler.
  nonisolated(unsafe) private static var message = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

  /// Lets the signal end this rank with a message and the exit code of a failed write. After MPI's start, which brings a
  /// handler of its own.
  static func explain(rank: Int) {
    let text = """
      fingerspell, rank \(rank): a page of memory could not be had (SIGBUS). The memory that the ranks of a host share lies in \
      /dev/shm, which is full now: see df /dev/shm, remove what others left there, or enlarge it (docker run --shm-size, mount -o \
      remount,size=1g /dev/shm). Then run the same command again; with --resume it continues from the last checkpoint

      """
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
    _ = copy.initialize(from: text.utf8)
    message = UnsafeBufferPointer(copy)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      _ = write(STDERR_FILENO, BusError.message.baseAddress, BusError.message.count)
      _exit(FailureKind.io.exitCode)
    }
    sigaction(SIGBUS, &action, nil)
  }
}
