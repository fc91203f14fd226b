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
    let sha256: String
    let input: [Int]
    let classes: [String]
  }

  let status = "ok"
  let version = ProgramVersion.text
  let model: Model

  init(_ model: ExportedModel, _ format: ImageFormat) {
    self.model = Model(
      sha256: model.checksum, input: [format.height, format.width, format.channels], classes: model.classNames)
  }

  func json() throws -> [UInt8] { [UInt8](try ExactJSON.encoder().encode(self)) + [UInt8(ascii: "\n")] }
}
