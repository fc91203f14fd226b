import Glibc
import Fingerspell

// Predicts one image: `Predict MODEL [CSV ROW]`. Without a CSV it is the first image of the synthetic data set's test rows.

func predict(_ arguments: [String]) throws {
  let index = arguments.count == 4 ? Int(arguments[3]) : 0
  guard arguments.count == 2 || arguments.count == 4, let index else {
    throw Failure(.usage, "usage: Predict MODEL [CSV ROW]")
  }
  let model = try ModelFile(path: arguments[1])
  let predictor = Predictor(model)
  var source = DataSource.synthetic(.test, rows: 1, seed: 1)
  if arguments.count == 4 { source = .csv(path: arguments[2]) }
  source.request = model.architecture.rowRequest
  let rows = try source.table(needsLabels: true)
  let classes = ClassNames.standard(model.architecture.classes)
  guard rows.labels.indices.contains(index) else {
    throw Failure(.usage, "there is no row \(index): rows are 0 to \(rows.labels.count - 1)")
  }

  for candidate in predictor.candidates(for: Array(rows.image(index))).prefix(3) {
    print("\(classes.name(of: candidate.label)): probability \(candidate.probability)")
  }
  print("true class: \(classes.name(of: Int(rows.labels[index])))")
}

do {
  try predict(CommandLine.arguments)
} catch {
  print("Predict: \(error)")
  exit((error as? any UserError)?.failureKind.exitCode ?? EXIT_FAILURE)
}
