import Glibc

// The controls of the thread sanitizer: `race-controls` prints their names and what must become of each, `race-controls NAME`
// runs one. Built with the sanitizer, a planted race must be reported, and correct code must not be.
//
// A correct control ends with 0 and the result that it expects. A planted race that is not reported ends with 0 as well.
let arguments = CommandLine.arguments.dropFirst()
if arguments.isEmpty {
  for control in Control.all { print(control.name, control.isRace ? "race" : "silent") }
} else {
  guard arguments.count == 1, let control = Control.all.first(where: { $0.name == arguments.first }) else {
    print("usage: race-controls [NAME]; without a name, the names are printed")
    exit(64)
  }
  guard try control.run() else {
    print("\(control.name): a wrong result")
    exit(1)
  }
}
