import FoundationEssentials
import NeuralNet
import Platform

/// Data in a page, for its scripts: elements that no browser runs.
enum PageData {
  /// Values as JSON. No text in it can end the element: `<` occurs only in strings, and there it is escaped.
  static func json(_ value: ConfigurationValue, id: String) -> String {
    guard let data = try? ExactJSON.encoder().encode(value) else { preconditionFailure("texts and numbers have JSON") }
    let text = filled(String(decoding: data, as: UTF8.self), "<", "\\u003c")
    return "<script type=\"application/json\" id=\"\(id)\">\(text)</script>"
  }

  /// Numbers as little-endian float32 in base64.
  static func numbers(_ numbers: ArraySlice<Float>, id: String) -> String {
    let words = numbers.map(\.bitPattern.littleEndian)
    let base64 = words.withUnsafeBytes { Data($0) }.base64EncodedString()
    return "<script type=\"text/plain\" id=\"\(id)\">\(base64)</script>"
  }

  /// Markup with a text in each place that is called `mark`.
  static func filled(_ markup: String, _ mark: String, _ text: String) -> String { markup.replacing(mark, with: text) }
}
