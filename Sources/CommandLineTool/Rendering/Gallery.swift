import FoundationEssentials
import ImageFiles
import Platform

/// A page of images, each with its prediction and true class.
struct Gallery {
  private let model: String
  private let data: String
  private let predictions: [Prediction]

  init(model: String, data: String, predictions: [Prediction]) {
    self.model = model
    self.data = data
    self.predictions = predictions
  }

  /// The page, which needs no other file.
  var html: String {
    let title = Prediction.score(predictions) ?? "\(predictions.count) images"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Fingerspell: \(title)</title>
      <style>
      body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
      ul { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); list-style: none; padding: 0; }
      li { border: 3px solid #2a7d46; border-radius: 6px; overflow: hidden; padding: 0; }
      li.wrong { border-color: #c0392b; }
      li.unknown { border-color: #888; }
      img { display: block; image-rendering: pixelated; width: 100%; }
      p { margin: 0.4rem 0.6rem; }
      .wrong strong { color: #c0392b; }
      small { color: #666; }
      </style>
      </head>
      <body>
      <h1>\(title)</h1>
      <p><small>\(Self.escaped(model)) on \(Self.escaped(data))</small></p>
      <ul>
      \(predictions.map(Self.item).joined(separator: "\n"))
      </ul>
      </body>
      </html>

      """
  }

  private static func item(_ prediction: Prediction) -> String {
    let png = Data(PNGImage(prediction.image, prediction.format).bytes).base64EncodedString()
    let (isRight, truth) = (prediction.isRight, prediction.trueClass.map(escaped))
    return """
      <li class="\(isRight.map { $0 ? "right" : "wrong" } ?? "unknown")">\
      <img alt="row \(prediction.row)" src="data:image/png;base64,\(png)">\
      <p><strong>\(escaped(prediction.best))</strong>\
      \(truth.map { isRight == true ? "" : ", is <strong>\($0)</strong>" } ?? "")<br>\
      <small>\(truth.map { "true \($0) · " } ?? "")row \(prediction.row)<br>\(escaped(prediction.runnersUp))</small></p></li>
      """
  }

  /// Text for HTML, in an element or in a quoted attribute. Scalar by scalar: what Unicode draws as one character may hide a
  /// `<` that is joined to another sign.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in foreign(text).unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
