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

  private let comparison: TrainingImageComparison?
  private let predictor: Predictor

  /// A classifier of a model's.
  ///
  /// - Parameters:
  ///   - fit: what is done with pictures of another shape; nil for what was done in the model's training, or cropping.
  ///   - invert: whether black becomes white; nil for what was done in training.
  ///   - classes: the names of the classes; nil for the model's own.
  package init(
    _ model: StoredModel, fit: ImageFitting.Fit? = nil, invert: Bool? = nil, classes: ClassNames? = nil
  ) {
    let request = model.architecture.rowRequest
    rowFit = fit ?? model.images.fit
    self.classes = model.classes(named: classes)
    fitting = ImageFitting(
      request.format, fit: fit ?? model.images.fit ?? .crop, invert: invert ?? model.images.invert,
      framing: model.framing)
    trainingImages = model.trainingImages
    comparison = model.trainingImages.flatMap { TrainingImageComparison($0, request.format) }
    predictor = Predictor(model.architecture, parameters: model.parameters, preprocessing: model.preprocessing)
  }

  /// What the network takes.
  package var format: ImageFormat { fitting.format }

  /// Whether the network takes pictures, which are gray or RGB.
  package var takesPictures: Bool { format.channels == 1 || format.channels == 3 }

  /// The network's input that comes of a picture. Throws a `Failure` where the network takes no pictures.
  ///
  /// - Parameter fit: what is done with a picture of another shape; nil for what the classifier does.
  package func input(of picture: Picture, fit: ImageFitting.Fit? = nil) throws(Failure) -> [UInt8] {
    guard takesPictures else {
      throw Failure(
        .data, "a picture is gray or RGB, but the network takes \(counted(format.channels, "channel"))")
    }
    var fitting = fitting
    fitting.fit = fit ?? fitting.fit
    return fitting.image(of: picture)
  }

  /// The network's input that comes of pixels as they are in a table of rows.
  package func input(ofPixels pixels: [UInt8]) -> [UInt8] { fitting.invert ? pixels.map { 255 - $0 } : pixels }

  /// What the model says of images, each of the network's input: `format.count` bytes. Their bits do not depend on one another.
  package func predictions(of images: [[UInt8]]) -> [ImagePrediction] {
    zip(images, predictor.probabilities(of: images)).map { image, probabilities in
      ImagePrediction(image, probabilities, differences: comparison?.differences(of: image))
    }
  }
}

/// What a model says of an image.
package struct ImagePrediction: Sendable {
  /// What the network saw, the bytes of its input.
  package let image: [UInt8]
  /// The probabilities of all labels, label 0 first.
  package let probabilities: [Float]
  /// The most probable label; of equally probable ones the lowest.
  package let label: Int
  /// In what the image is unlike the training images, as `much darker`: empty for one that is like them, nil where the model does not
  /// tell what they look like.
  package let differences: [String]?

  init(_ image: [UInt8], _ probabilities: [Float], differences: [String]?) {
    self.image = image
    self.probabilities = probabilities
    self.differences = differences
    label = probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
  }

  /// The probability of the most probable label.
  package var probability: Float { probabilities[label] }

  /// All labels, the most probable first.
  package var candidates: [Predictor.Candidate] { Predictor.candidates(probabilities) }
}
