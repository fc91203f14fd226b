import Communication
import CommunicatorContract
import TestTags
import Testing

/// The simulated nodes of a group's threads: one node key per worker.
private let layouts: [[Int]] = [
  [0], [0, 0], [0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0],
  [0, 0, 1, 1], [0, 0, 0, 1], [0, 1, 2, 3], [0, 1, 0, 1], [1, 0, 0, 1, 2],
]

@Suite("Threads keep the communicator contract", .tags(.threads, .slow))
struct ThreadContractTests {
  @Test(arguments: ContractCase.all.map(\.name))
  func `A clause holds on every layout`(_ name: String) throws {
    let clause = try #require(ContractCase.all.first { $0.name == name })
    for layout in layouts {
      let done = try ThreadGroup.run(nodeKeys: layout) { communicator in
        try clause.body(communicator)
        return communicator.rank
      }
      #expect(done == Array(layout.indices), "nodes \(layout)")
    }
  }
}
