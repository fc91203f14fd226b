import Communication
import Glibc
import MPICommunication

// Tests that take several processes. `multirank-tests --list` prints the cases; `multirank-tests CASE`, under mpirun, runs
// one. Tests/run-multirank runs them all.

func printError(_ message: String) {
  let line = Array((message + "\n").utf8)
  write(STDERR_FILENO, line, line.count)
}

let arguments = CommandLine.arguments.dropFirst()
if Array(arguments) == ["--list"] {
  for test in MultiRankCase.all { print(test.line) }
  exit(0)
}
guard arguments.count == 1, let test = MultiRankCase.all.first(where: { $0.name == arguments.first }) else {
  printError("usage: multirank-tests --list | CASE")
  exit(64)
}
MPI.run(exitCode: { $0 is DeliberateTrouble ? 65 : 70 }) { try test.body($0) }
