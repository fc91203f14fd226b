import Communication
import Glibc
import Kernels
import MPICommunication
import Platform
import Runs

/// The machines that a run is on, for its description.
enum Machine {
  /// A group of workers and their machine, complete on rank 0. Collective.
  static func description(_ communicator: any Communicator) throws -> MachineDescription {
    let ranks = Launch.environment != nil
    let host = ranks ? try MPI.processorName : Host.name
    let hosts = try communicator.gather(Array(host.utf8), root: 0) ?? []
    let nodes = communicator.topology.nodes
    return MachineDescription(
      workers: communicator.size, kind: ranks ? "ranks" : "threads", workersPerNode: nodes.map(\.count),
      hosts: hosts.isEmpty ? [] : nodes.map { String(decoding: hosts[$0[0]], as: UTF8.self) }, cpu: cpuModel,
      lanes: laneCount, mpi: ranks ? try MPI.libraryVersion : nil)
  }

  /// The CPU's name as Linux knows it.
  private static var cpuModel: String {
    guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown" }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
      let parts = text.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].hasPrefix("model name") else { continue }
      return parts[1].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    return "unknown"
  }
}
