import CMPIShims
import Communication

/// The MPI library: its version, starting a program (`run`), and the conversion of its status codes to errors.
public enum MPI {
  /// The library's name and version on one line, e.g. `Open MPI v4.1.4`. Available before MPI_Init.
  public static var libraryVersion: String {
    get throws {
      let text = try text("MPI_Get_library_version", fsmpi_library_version)
      let firstLine = text.split(whereSeparator: { $0 == "\n" || $0 == "," }).first ?? ""
      return firstLine.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
  }

  /// The name of this host according to MPI. Only available between MPI_Init and MPI_Finalize.
  public static var processorName: String {
    get throws { try text("MPI_Get_processor_name", fsmpi_processor_name) }
  }

  /// The time in seconds since a fixed moment in the past (MPI_Wtime).
  public static var wallTime: Double { fsmpi_wall_time() }

  /// Whether MPI is initialised and not finalised.
  static var isRunning: Bool {
    var initialized = false
    var finalized = false
    return fsmpi_is_initialized(&initialized) == 0 && fsmpi_is_finalized(&finalized) == 0 && initialized && !finalized
  }

  /// Throws an error with the library's text if `status` is not 0. All statuses become errors here.
  @inline(__always)
  static func check(_ status: Int32, _ operation: StaticString, worker: Int? = nil) throws {
    if status != 0 { throw error(status, operation, worker: worker) }
  }

  @inline(never)
  private static func error(_ status: Int32, _ operation: StaticString, worker: Int?) -> CommunicationError {
    let text = (try? text("MPI_Error_string") { fsmpi_error_text(status, $0, $1) }) ?? "no text for this code"
    return CommunicationError(
      operation: operation.description, worker: worker, reason: .library(code: status, text: text))
  }

  private static func text(
    _ operation: StaticString, _ fill: (UnsafeMutablePointer<CChar>?, Int32) -> Int32
  ) throws -> String {
    try withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192) { buffer in
      buffer[0] = 0
      let status = fill(buffer.baseAddress, Int32(buffer.count))
      guard status == 0 else {
        let reason = CommunicationError.Reason.library(code: status, text: "no text available")
        throw CommunicationError(operation: operation.description, worker: nil, reason: reason)
      }
      return String(cString: buffer.baseAddress!)
    }
  }
}
