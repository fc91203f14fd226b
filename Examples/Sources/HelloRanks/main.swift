import Communication
import MPICommunication

// Every rank says who it is and where it runs; rank 0 prints what all of them said, in order.
MPI.run { communicator in
  let greeting = "rank \(communicator.rank) of \(communicator.size) on \(try MPI.processorName)"
  let greetings = try communicator.gather(Array(greeting.utf8), root: 0)
  for text in greetings ?? [] { print("Hello from \(String(decoding: text, as: UTF8.self))") }
  if communicator.rank == 0 { print("Nodes: \(communicator.topology.nodes.count)") }
}
