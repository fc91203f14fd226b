import Datasets
import ModelExchange
import NeuralNet
import Platform

/// A page that runs a model in the browser: it reads what a camera or a picture shows, and spells with it.
///
/// One file that fetches nothing. The parameters are inside, as float32 in base64, and `network.js` computes the network; what it sees
/// is cut out and scaled as the program does it.
package struct LivePage {
  private let model: ExportedModel
  private let format: ImageFormat

  /// The page of a model.
  ///
  /// - Parameter format: the images that the network takes.
  /// - Throws: what the page cannot show or compute.
  package init(_ model: ExportedModel, format: ImageFormat) throws(LivePageError) {
    for stage in model.architecture.stages where !Self.layers.contains(type(of: stage.layer).kerasName) {
      throw .layer("\(stage.name) (\(type(of: stage.layer).kerasName))")
    }
    guard [1, 3].contains(format.channels) else { throw .format(format) }
    let count = model.architecture.layout.count
    guard count <= Self.mostParameters else { throw .tooLarge(parameters: count) }
    self.model = model
    self.format = format
  }

  /// The most parameters: a page of 32 MiB, which a browser still opens in a second.
  package static let mostParameters = 6_000_000

  /// The layers that `network.js` computes.
  package static let layers: Set<String> = [
    "Activation", "AveragePooling1D", "AveragePooling2D", "Bidirectional", "Conv1D", "Conv2D", "Dense", "Dropout",
    "Flatten", "GRU",
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
    "GroupNormalization", "LSTM",
    "LayerNormalization", "LeakyReLU", "MaxPooling1D", "MaxPooling2D", "ReLU", "Rescaling", "Reshape", "Softmax",
  ]

  /// The page's text: equal for equal models.
  package var html: String {
    var page = Page(title: "Fingerspell, live")
    page.style = PageAssets.viewfinderStyle + PageAssets.liveStyle
    let body = PageData.filled(PageAssets.liveBody, "{{viewfinder}}", PageAssets.viewfinderBody)
    page.body =
      PageData.filled(body, "{{about}}", escaped(about)) + "\n"
      + PageData.json(LiveModel.json(model, format), id: "model")
      + "\n" + PageData.numbers(model.parameters.prefix(model.architecture.layout.count), id: "weights")
    page.script =
      PageAssets.network + PageAssets.image + PageAssets.spelling + PageAssets.viewfinder + PageAssets.live
    return page.html
  }

  private var about: String {
    let architecture = model.architecture
    return "The model: \(counted(architecture.stages.count, "layer")), \(architecture.layout.count) parameters, "
      + "\(architecture.classes) classes. SHA-256 of the parameters: \(model.checksum)"
  }
}

/// Why a model has no page that runs it.
package enum LivePageError: UserError, Equatable, CustomStringConvertible {
  /// A layer, by name and class, that the page does not compute.
  case layer(String)
  /// Images that no camera gives.
  case format(ImageFormat)
  /// A network whose page would be too large.
  case tooLarge(parameters: Int)

  /// `FailureKind.data`.
  package var failureKind: FailureKind { .data }

  /// What is wrong, and what to do.
  package var description: String {
    switch self {
    case .layer(let layer):
      "a page cannot compute the layer \(foreign(layer)); export the model as .onnx instead"
    case .format(let format):
      "the network takes \(format), which a camera does not give: a page needs gray images or those of 3 channels; export the model as "
        + ".onnx instead"
    case .tooLarge(let parameters):
      "the network has \(parameters) parameters, and a page at most \(LivePage.mostParameters), as \(LivePage.mostParameters * 4 / 1_000_000) "
        + "MB of numbers; export the model as .onnx instead"
    }
  }
}
