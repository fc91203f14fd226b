import Glibc
import Fingerspell

// Predicts one image: `Predict MODEL [CSV ROW]`. Without a CSV it is the first image of the synthetic data set's test rows.
let arguments = CommandLine.arguments
guard arguments.count == 2 || arguments.count == 4 else {
  print("usage: Predict MODEL [CSV ROW]")
  exit(FailureKind.usage.exitCode)
}
let predictor = Predictor(try ModelFile(path: arguments[1]))

let rows =
  arguments.count == 4
  ? try CSVFile(path: arguments[2]).rows() : SyntheticSet.make(.test, rows: 0..<1, seed: 1)
let row = arguments.count == 4 ? Int(arguments[3]) ?? 0 : 0

for candidate in predictor.candidates(for: Array(rows.image(row))).prefix(3) {
  print("\(ClassNames.name(of: candidate.label)): probability \(candidate.probability)")
}
print("true class: \(ClassNames.name(of: Int(rows.labels[row])))")
