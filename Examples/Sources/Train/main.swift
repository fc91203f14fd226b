import Glibc
import Fingerspell

// Trains a short run on threads, prints its events, and writes the model: `Train [FOLDER]`, with the folder of the CSVs.

func train(_ arguments: [String]) throws {
  var configuration = Recipe.keras.configuration
  configuration.epochs = 2
  configuration.stepsPerEpoch = 100

  var data = DataSources.synthetic
  if arguments.count > 1 {
    let files = try DataFiles.locate(in: arguments[1])
    data = DataSources(train: .csv(path: files.train), test: .csv(path: files.test))
  }

  let model = try trainOnThreads(configuration, on: data) { event in
    switch event {
    case .started(let summary): print("Training on \(summary.trainingRows) rows with \(summary.workers) workers")
    case .stepped(let progress) where progress.step % 50 == 0:
      print("epoch \(progress.epoch), step \(progress.step): loss \(progress.loss)")
    case .epochEnded(let record):
      print("epoch \(record.epoch): val_loss \(record.validation.loss), val_accuracy \(record.validation.accuracy)")
    default: break
    }
  }

  try model.write(to: "model.safetensors")
  print("Model: model.safetensors")
}

do {
  try train(CommandLine.arguments)
} catch {
  print("Train: \(error)")
  exit((error as? any UserError)?.failureKind.exitCode ?? EXIT_FAILURE)
}
