import Fingerspell

// Trains a short run on threads, prints its events, and writes the model. With a folder as argument, on the CSVs in it.
var configuration = Recipe.keras.configuration
configuration.epochs = 2
configuration.stepsPerEpoch = 100

let arguments = CommandLine.arguments
let data =
  try arguments.count > 1
  ? { (files: DataFiles) in DataSources(train: .csv(path: files.train), test: .csv(path: files.test)) }(
    DataFiles.locate(in: arguments[1])) : .synthetic

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
