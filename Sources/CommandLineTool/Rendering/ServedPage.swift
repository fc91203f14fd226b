import Datasets
import FoundationEssentials
import ModelExchange
import Pages
import Platform

/// The page at `/` of a model's server.
enum ServedPage {
  /// The live page; for a network that a browser cannot compute, one that sends pictures to the server.
  static func html(_ model: ExportedModel, _ format: ImageFormat) -> String {
    (try? LivePage(model, format: format).html) ?? UploadPage(model, format: format).html
  }
}

/// What `/healthz` tells.
struct Health: Encodable {
  struct Model: Encodable {
    let parametersSHA256: String
    let input: [Int]
    let classes: [String]

    // As in metrics.csv, in model files and in the JSON of an evaluation.
    private enum CodingKeys: String, CodingKey {
      case parametersSHA256 = "parameters_sha256"
      case input, classes
    }
  }

  let status = "ok"
  let version = ProgramVersion.text
  let model: Model

  init(_ model: ExportedModel, _ format: ImageFormat) {
    self.model = Model(
      parametersSHA256: model.checksum, input: [format.height, format.width, format.channels], classes: model.classNames
    )
  }

  func json() throws -> [UInt8] { [UInt8](try ExactJSON.encoder().encode(self)) + [UInt8(ascii: "\n")] }
}
