import Datasets
import NeuralNet
import Training

/// A model that is served.
package struct ServedModel: Sendable {
  /// The network.
  package let architecture: Architecture
  /// Its parameters, in its layout.
  package let parameters: [Float]
  /// How images become its input.
  package let preprocessing: Preprocessing
  /// How pictures become its images.
  package let fitting: ImageFitting
  /// The names of its classes, class 0 first: as many as the network has outputs.
  package let classNames: [String]
  /// What the images look like that it has learned from; nil where that is not known.
  package let trainingImages: TrainingImages?

  /// A model of these parts.
  package init(
    _ architecture: Architecture, parameters: [Float], preprocessing: Preprocessing, fitting: ImageFitting,
    classNames: [String], trainingImages: TrainingImages? = nil
  ) {
    precondition(classNames.count == architecture.classes, "each output has a name")
    self.architecture = architecture
    self.parameters = parameters
    self.preprocessing = preprocessing
    self.fitting = fitting
    self.classNames = classNames
    self.trainingImages = trainingImages
  }

  /// The network with these parameters, for one thread.
  func predictor() -> BlockPredictor {
    BlockPredictor(architecture, parameters: parameters, preprocessing: preprocessing)
  }
}

/// What a request wishes of its answer, by its query.
package struct PredictionOptions: Hashable, Sendable {
  /// How many classes are told, the most probable first; nil for all, in their order.
  package var top: Int?
  /// What is done with pictures of another shape; nil for what the model's training did.
  package var fit: ImageFitting.Fit?

  /// Everything, as in training.
  package init() {}

  /// The options of a query: `top=3`, `fit=pad`.
  package init(_ query: [HTTPRequest.Field]) throws(RequestFault) {
    for parameter in query {
      switch parameter.name {
      case "top":
        guard let top = Int(parameter.value), top > 0 else {
          throw RequestFault(.badRequest, "the query's top is no whole number from 1")
        }
        self.top = top
      case "fit":
        guard let fit = ImageFitting.Fit(rawValue: parameter.value) else {
          let known = ImageFitting.Fit.allCases.map(\.rawValue).joined(separator: ", ")
          throw RequestFault(.badRequest, "the query's fit is none of \(known)")
        }
        self.fit = fit
      default:
        throw RequestFault(.badRequest, "the query has a parameter that is not known; there are top and fit")
      }
    }
  }
}
