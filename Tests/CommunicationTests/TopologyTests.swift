import Communication
import Platform
import TestTags
import Testing

@Suite("Topology says which ranks share a node, and in which order", .tags(.pure))
struct TopologyTests {
  @Test func `One node`() {
    let topology = Topology(keys: [7, 7, 7])
    #expect(topology.nodes == [[0, 1, 2]])
    #expect(topology.order == [0, 1, 2])
    #expect(topology.nodeOfRank == [0, 0, 0])
  }

  @Test func `Workers placed round-robin are ordered by node`() {
    let topology = Topology(keys: [5, 2, 5, 2, 9])
    #expect(topology.nodes == [[0, 2], [1, 3], [4]])
    #expect(topology.order == [0, 2, 1, 3, 4])
    #expect(topology.nodeOfRank == [0, 1, 0, 1, 2])
    #expect(topology.workerIndexOfRank == [0, 2, 1, 3, 4])
  }

  @Test func `An error's text names the operation, the worker and both lengths`() {
    let error = CommunicationError(operation: "MPI_Recv", worker: 3, reason: .mismatchedLength(expected: 4, actual: 2))
    #expect(
      "\(error)"
        == "MPI_Recv (worker 3): the buffer holds 4 elements, but 2 were sent; both sides must agree on the length")
  }

  @Test func `Usable cores are counted`() {
    #expect(UsableCores.count(in: [0b1011, 1 << 63]) == 4)
    #expect(UsableCores.count(in: []) >= 1)
    #expect(UsableCores.count == UsableCores.count(in: UsableCores.mask))
  }
}
