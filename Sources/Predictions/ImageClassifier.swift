import Datasets
import ImageFiles
import NeuralNet
import Platform
import Runs
import Training

/// A model that says of images what they show: of a photograph's bytes, of a picture, or of the network's own input.
///
/// One thread at a time may ask it.
package struct ImageClassifier {
  /// The names of the model's classes.
  package let classes: ClassNames
  /// How pictures become the network's input.
  package let fitting: ImageFitting
  /// What is done with rows of a table of another shape; nil leaves them as they are.
  let rowFit: ImageFitting.Fit?
  /// What the images look like that it has learned from; nil where the model does not tell.
  package let trainingImages: TrainingImages?

  private let predictor: Predictor

  /// The most images that it computes at a time.
  package static let blockSize = 32

  /// A classifier of a model's.
  ///
  /// - Parameters:
  ///   - fit: what is done with pictures of another shape; nil for what was done in the model's training, or cropping.
  ///   - invert: whether black becomes white; nil for what was done in training.
  ///   - classes: the names of the classes; nil for the model's own.
  ///   - samples: how many images are computed at a time.
  package init(
    _ model: StoredModel, fit: ImageFitting.Fit? = nil, invert: Bool? = nil, classes: ClassNames? = nil,
    samples: Int = blockSize
  ) {
    let request = model.architecture.rowRequest
    rowFit = fit ?? model.images.fit
    self.classes = (classes ?? model.images.classes ?? .standard(request.classCount)).fitted(to: request.classCount)
    fitting = ImageFitting(
      request.format, fit: fit ?? model.images.fit ?? .crop, invert: invert ?? model.images.invert,
      framing: model.framing)
    trainingImages = model.trainingImages
    predictor = Predictor(
      model.architecture, parameters: model.parameters, preprocessing: model.preprocessing, samples: samples)
  }

  /// What the network takes.
  package var format: ImageFormat { fitting.format }

  /// The network's input that comes of a picture. Throws a `Failure` where the network takes no pictures.
  package func input(of picture: Picture) throws -> [UInt8] {
    guard format.channels == 1 || format.channels == 3 else {
      throw Failure(
        .data, "a picture is gray or RGB, but the network takes \(counted(format.channels, "channel"))")
    }
    return fitting.image(of: picture)
  }

  /// What the model says of a photograph: the bytes of a PNG or JPEG file. Throws `ImageFileError` with the name that is given.
  package func prediction(named name: String, _ bytes: [UInt8]) throws -> ImagePrediction {
    predictions(of: [try input(of: Picture(named: name, bytes))])[0]
  }

  /// What the model says of images, each of the network's input: `format.count` bytes. Their bits do not depend on one another.
  package func predictions(of images: [[UInt8]]) -> [ImagePrediction] {
    zip(images, predictor.candidates(for: images)).map { image, candidates in
      ImagePrediction(
        image: image, candidates: candidates, differences: trainingImages?.differences(of: image, format))
    }
  }
}

/// What a model says of an image.
package struct ImagePrediction: Sendable {
  /// What the network saw, the bytes of its input.
  package let image: [UInt8]
  /// All labels, the most probable first.
  package let candidates: [Predictor.Candidate]
  /// In what the image is unlike the training images, as `much darker`: empty for one that is like them, nil where the model does not
  /// tell what they look like.
  package let differences: [String]?

  /// The most probable label.
  package var label: Int { candidates[0].label }
  /// Its probability.
  package var probability: Float { candidates[0].probability }
}
