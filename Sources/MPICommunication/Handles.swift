import CMPIShims
import Glibc

/// Owns an MPI communicator: freed once, and never after MPI_Finalize.
struct CommunicatorHandle: ~Copyable {
  let pointer: OpaquePointer

  /// Frees the communicator; throws if that fails.
  consuming func close() throws {
    let pointer = pointer
    discard self
    if MPI.isRunning { try MPI.check(fsmpi_comm_free(pointer), "MPI_Comm_free") }
  }

  deinit {
    guard MPI.isRunning else { return }
    do { try MPI.check(fsmpi_comm_free(pointer), "MPI_Comm_free") } catch { complain("\(error)") }
  }
}

/// Owns a shared-memory window. Freeing it is collective, so only `SharedWindows` does that, at points that all workers
/// reach; a window that is still open when an error is thrown stays open until the process ends.
struct WindowHandle: ~Copyable {
  let pointer: OpaquePointer

  /// Frees the window. Collective over the workers that share it.
  consuming func close() throws {
    try MPI.check(fsmpi_window_free(pointer), "MPI_Win_free")
  }
}

/// Writes one line to standard error with a single write, so that the lines of several processes do not mix.
func complain(_ message: String) {
  let line = message.split(whereSeparator: \.isNewline).joined(separator: " ") + "\n"
  var rest = Array(line.utf8)[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    if written < 0 && errno != EINTR { return }
    rest = rest.dropFirst(max(0, written))
  }
}
