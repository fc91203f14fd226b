import Datasets
import ModelFiles
import NeuralNet
import Platform
import Training

/// A model as commands use it: of a model file, or of a checkpoint of a run.
public struct StoredModel: Sendable {
  /// The network.
  public let architecture: Architecture
  /// The parameters in its layout: `paddedCount` numbers.
  public let parameters: [Float]
  /// How images become the network's input.
  public let preprocessing: Preprocessing
  /// Whether the file says so; Keras' own files do not, and are of networks for pixels / 255.
  public let namesPreprocessing: Bool
  /// How pictures became its images, and the names of its classes.
  public let images: ModelImages
  /// What the images look like that it has learned from; nil where the file does not tell.
  public let trainingImages: TrainingImages?
  /// Whether it has learned the synthetic data set's rows, not a file's; nil where the file does not tell.
  public let isSynthetic: Bool?
  /// What the file says of itself: a model file's metadata; of a checkpoint, what its images are.
  public let metadata: [String: String]
  /// Of a checkpoint, which of its weights these are; nil for a model file.
  public let origin: String?

  /// Reads a file of either kind. Throws `FileError`, `SafetensorsError` or `CheckpointError` with the file's name.
  ///
  /// - Parameter network: the network of a model file that does not describe it; nil for that for Sign Language MNIST.
  public init(path: String, network: Architecture? = nil) throws {
    try Self.requireNoFolder(path)
    guard try Checkpoint.isCheckpoint(path: path) else {
      let file = try ModelFile(anyKind: path, network: network)
      try Self.requireSame(file.architecture, network, path)
      architecture = file.architecture
      parameters = file.parameters
      preprocessing = file.preprocessing
      namesPreprocessing = file.namesPreprocessing
      images = ModelImages(text: file.metadata[ModelImages.key])
      trainingImages = TrainingImages(text: file.metadata[Self.trainingImagesKey])
      // Only models of this program tell: of a file they name the digest.
      isSynthetic = file.metadata["format"] == "fingerspell" ? file.metadata["train_sha256"] == nil : nil
      metadata = file.metadata
      origin = nil
      return
    }
    do throws(CheckpointError) {
      let checkpoint = try Checkpoint(path: path)
      let weights = try Self.weights(of: checkpoint)
      architecture = checkpoint.architecture
      parameters = weights.values
      origin = weights.name
      let identity = try RunIdentity(of: checkpoint)
      preprocessing = identity.isStandardized ? .standardized : architecture.rescalesPixels ? .raw : .unit
      isSynthetic = identity.isSynthetic
      images = identity.images
      metadata = [ModelImages.key: identity.images.text]
      trainingImages = TrainingState.images(of: checkpoint)
      namesPreprocessing = true
    } catch {
      throw Failure(.data, "\(foreign(path)) \(error)")
    }
  }

  /// How large a hand is made that is cut out of a picture, in 64ths of the image's side: as large as in the training images, where these
  /// were not made so themselves; nil for almost all of the image.
  public var framing: Int? { images.fit == .hand ? nil : trainingImages?.framing }

  /// The names of its classes, as many as the network has outputs.
  ///
  /// - Parameter named: other names than its own, which come first; nil for its own, or the standard ones.
  package func classes(named: ClassNames? = nil) -> ClassNames {
    let count = architecture.classes
    return (named ?? images.classes ?? .standard(count)).fitted(to: count)
  }

  /// The metadata key of what the training images look like.
  static let trainingImagesKey = "training_images"

  /// A run's folder has the model in it.
  private static func requireNoFolder(_ path: String) throws {
    let model = path + (path.hasSuffix("/") ? "" : "/") + RunFolder.File.model.rawValue
    guard PathKind(of: path) == .folder, PathKind(of: model) == .file else { return }
    throw Failure(.usage, "\(foreign(path)) is a folder; name the model in it: \(foreign(model))")
  }

  /// A model that says what its network is cannot be one of another.
  private static func requireSame(_ own: Architecture, _ named: Architecture?, _ path: String) throws {
    guard let named, named.layout != own.layout else { return }
    throw Failure(
      .usage,
      "\(foreign(path)) says itself what its network is, and it is not the one that was named: \(own.name) with "
        + "\(counted(own.layout.count, "parameter")), not \(named.name) with \(counted(named.layout.count, "parameter"))"
    )
  }

  /// The weights that the run would keep if it ended there: the best epoch's, or before the first epoch's end what would be
  /// validated next.
  private static func weights(of checkpoint: Checkpoint) throws(CheckpointError) -> (name: String, values: [Float]) {
    for (vector, name) in [
      ("best", "its best weights"), ("average", "the moving average of its weights"),
      ("parameters", "its weights"),
    ] {
      if let found = checkpoint.vectors.first(where: { $0.name == vector }) { return (name, found.values) }
    }
    throw .malformed("it has no weights")
  }
}
