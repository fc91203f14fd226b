import Glibc
import Fingerspell

// Trains another network on threads, on the synthetic data set: `OwnNetwork [JSON]`, with Keras' description of a Sequential
// model for 28 x 28 gray pixels in 25 classes; without one, the network below.

func network(_ arguments: [String]) throws -> Architecture {
  if arguments.count > 1 { return try Architecture(json: FileBytes.read(arguments[1])) }
  return try Architecture(input: [28, 28, 1]) {
    Conv2D(16, kernelSize: 3, padding: .same)
    GroupNormalization(groups: 4)
    Activation(.relu)
    MaxPooling2D(2)
    Conv2D(32, kernelSize: 3, activation: .relu)
    MaxPooling2D(2)
    Flatten()
    Dense(64, activation: .relu)
    Dropout(0.3)
    Dense(25, activation: .softmax)
  }
}

func train(_ arguments: [String]) throws {
  var configuration = Recipe.keras.configuration
  configuration.network = try network(arguments)
  configuration.use(.lion)
  configuration.learningRate = 0.0003
  configuration.epochs = 3

  let architecture = configuration.architecture
  print("\(architecture.layout.count) parameters")
  for stage in architecture.stages { print("\(stage.name): \(stage.input) -> \(stage.output)") }

  let model = try trainOnThreads(configuration, on: .synthetic) { event in
    if case .epochEnded(let record) = event {
      print("epoch \(record.epoch): val_loss \(record.validation.loss), val_accuracy \(record.validation.accuracy)")
    }
  }

  // The file describes the network: whoever reads it needs nothing else.
  try model.write(to: "own-network.safetensors")
  print("Model: own-network.safetensors")
}

do {
  try train(CommandLine.arguments)
} catch {
  print("OwnNetwork: \(error)")
  exit((error as? any UserError)?.failureKind.exitCode ?? EXIT_FAILURE)
}
