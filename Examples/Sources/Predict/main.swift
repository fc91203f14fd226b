import Glibc
import Fingerspell

// Predicts one image: `Predict MODEL [CSV ROW]`. Without a CSV it is the first image of the synthetic data set's test rows.

func predict(_ arguments: [String]) throws {
  let index = arguments.count == 4 ? Int(arguments[3]) : 0
  guard arguments.count == 2 || arguments.count == 4, let index else {
    throw Failure(.usage, "usage: Predict MODEL [CSV ROW]")
  }
  let predictor = Predictor(try ModelFile(path: arguments[1]))
  let rows =
    arguments.count == 4
    ? try CSVFile(path: arguments[2]).rows() : SyntheticSet.make(.test, rows: 0..<1, seed: 1)
  guard rows.labels.indices.contains(index) else {
    throw Failure(.usage, "there is no row \(index): rows are 0 to \(rows.labels.count - 1)")
  }

  for candidate in predictor.candidates(for: Array(rows.image(index))).prefix(3) {
    print("\(ClassNames.signLanguageMNIST.name(of: candidate.label)): probability \(candidate.probability)")
  }
  print("true class: \(ClassNames.signLanguageMNIST.name(of: Int(rows.labels[index])))")
}

do {
  try predict(CommandLine.arguments)
} catch {
  print("Predict: \(error)")
  exit((error as? any UserError)?.failureKind.exitCode ?? EXIT_FAILURE)
}
