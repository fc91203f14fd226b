import Platform
import Communication
import Datasets
import FoundationEssentials
import Training

/// Collects the facts of all processes of a job.
public enum Checkup {
  /// All processes' facts, complete on rank 0, nil elsewhere. Collective.
  ///
  /// The data are found and read as training would; what is wrong with them becomes a fact.
  ///
  /// - Parameters:
  ///   - launch: how the processes were started.
  ///   - library: the MPI library's version.
  ///   - arguments: the command's options, which must be alike on all ranks.
  ///   - threads: the threads of a process on its own.
  ///   - batchSize: the samples of a step.
  ///   - sources: finds the data; collective, and any rank's error is everyone's.
  public static func facts(
    _ launch: CheckupFacts.Launch, library: String, arguments: [String], threads: Int, batchSize: Int,
    _ communicator: any Communicator,
    sources: (any Communicator) throws -> DataSources
  ) throws -> CheckupFacts? {
    var (found, rows, dataError): (DataSources?, [Int], String?) = (nil, [], nil)
    do {
      let located = try sources(communicator)
      found = located
      rows = try [located.train, located.test].map {
        try RowTable.load($0, communicator, shared: false).totalRows
      }
    } catch let failure as Failure where failure.isCollective {
      dataError = failure.description
    }
    let readable = dataError == nil ? found : nil
    let own = try communicator.agree {
      try WorkerFacts.ownFacts(library: library, arguments: arguments, sources: readable)
    }
    guard let all = try communicator.gather(Array(try JSONEncoder().encode(own)), root: 0) else { return nil }
    var facts = CheckupFacts(
      launch: launch, processes: try all.map { try JSONDecoder().decode(WorkerFacts.self, from: Data($0)) })
    facts.nodes = communicator.topology.nodes
    facts.threads = threads
    facts.dataError = dataError
    if dataError == nil, let found {
      facts.dataName = "\(rows[0]) training rows in \(found.train.name), \(rows[1]) test rows in \(found.test.name)"
      var configuration = TrainingConfiguration()
      configuration.batchSize = batchSize
      facts.sharedMemoryNeeded = SharedMemory.byteCounts(
        rows: rows.reduce(0, +), format: found.request.format, configuration, topology: communicator.topology)
    }
    return facts
  }
}
