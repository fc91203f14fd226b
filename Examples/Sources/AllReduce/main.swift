import Communication
import MPICommunication

// Each rank brings a vector; every rank gets the sum of all, and the largest element of each place.
MPI.run { communicator in
  let rank = Double(communicator.rank)
  var sum = [rank, 10 * rank, 1]
  var maximum = sum
  try communicator.allReduce(&sum, .sum)
  try communicator.allReduce(&maximum, .maximum)
  if communicator.rank == 0 { print("sum: \(sum), maximum: \(maximum)") }

  // Errors are typed. Here, all ranks fail alike, with the error that one of them met, and the job ends with its exit code.
  let average = try communicator.agree { sum[0] / sum[2] }
  if communicator.rank == 0 { print("average rank: \(average)") }
}
