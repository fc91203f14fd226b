import Datasets
import ImageFiles
import Platform

/// An image of a request, before it is decoded.
package enum RequestedImage: Hashable, Sendable {
  /// A PNG or JPEG file.
  case file([UInt8])
  /// Pixels of the network's input, as they are.
  case pixels([UInt8])
}

/// The images of a request's body, by its media type or its first bytes.
///
/// Accepted are a PNG or JPEG file; JSON with `pixels`, `instances` (as TensorFlow Serving takes them) or `image` in base64; and forms with
/// files. Nothing is decoded yet.
package struct RequestedImages {
  /// What the network takes.
  package let format: ImageFormat
  /// The most images of one request.
  package let mostImages: Int

  /// What requests for a network of that input may have.
  package init(_ format: ImageFormat, mostImages: Int) {
    self.format = format
    self.mostImages = mostImages
  }

  /// What the server understands, as `Accept` of an answer says it.
  static let accepted = "image/png, image/jpeg, application/json, multipart/form-data"

  /// The images of a request, at least one.
  package func images(of request: HTTPRequest) throws(RequestFault) -> [RequestedImage] {
    if let coding = request.header("content-encoding"), coding.lowercased() != "identity" {
      throw RequestFault(
        .unsupportedMediaType, "the body is encoded as \(foreign(coding, limit: 40)); send it as it is",
        headers: [.init("Accept-Encoding", "identity")])
    }
    guard !request.body.isEmpty else {
      throw RequestFault(.badRequest, "the body is empty; send a PNG or JPEG image, or JSON with \"pixels\"")
    }
    let type = MediaType(request.header("content-type") ?? "")
    switch type.name {
    case "image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/*": return [.file(request.body)]
    case "multipart/form-data": return try form(request.body, boundary: type.parameter("boundary"))
    case "application/json", "text/json": return try json(request.body)
    // What clients say who do not know, as curl --data-binary.
    case "", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain", "binary/octet-stream":
      return try unlabelled(request.body)
    default:
      if type.name.hasSuffix("+json") { return try json(request.body) }
      throw unsupported("a body of type \(foreign(type.name, limit: 80))")
    }
  }

  private func unsupported(_ what: String) -> RequestFault {
    RequestFault(
      .unsupportedMediaType, "\(what) is not understood; send a PNG or JPEG image, JSON or a form with a file",
      headers: [.init("Accept", Self.accepted)])
  }

  private func unlabelled(_ body: [UInt8]) throws(RequestFault) -> [RequestedImage] {
    let kind = FileKind(firstBytes: body)
    switch kind {
    case .png, .jpeg: return [.file(body)]
    case .json: return try json(body)
    case let kind?: throw unsupported("what is \(kind.name)")
    case nil: throw unsupported("what begins neither as an image nor as JSON")
    }
  }

  /// The files of a form, as browsers and curl -F send them.
  private func form(_ body: [UInt8], boundary: String?) throws(RequestFault) -> [RequestedImage] {
    guard let boundary, !boundary.isEmpty, boundary.utf8.count <= 200 else {
      throw RequestFault(.badRequest, "multipart/form-data needs a boundary in the Content-Type")
    }
    var images: [RequestedImage] = []
    for part in try Multipart.parts(body, boundary: boundary, most: mostImages) {
      guard part.isFile else {
        throw RequestFault(
          .badRequest,
          "the form's field \(foreign(part.name, limit: 80)) is no file; a form has files, and choices are in the query: "
            + "/predict?top=3")
      }
      guard !part.contents.isEmpty else {
        throw RequestFault(.badRequest, "the form's file \(foreign(part.name, limit: 80)) is empty")
      }
      images.append(.file(Array(part.contents)))
    }
    guard !images.isEmpty else { throw RequestFault(.badRequest, "the form has no file") }
    return images
  }

  private func json(_ body: [UInt8]) throws(RequestFault) -> [RequestedImage] {
    try PixelsOfJSON(format: format, mostImages: mostImages).images(body)
  }
}

/// A media type with its parameters, as `Content-Type` has it (RFC 9110, section 8.3.1).
struct MediaType {
  /// `image/png`: in lower case.
  let name: String
  private let parameters: [Substring]

  init(_ text: String) {
    let pieces = text.split(separator: ";", omittingEmptySubsequences: false)
    name = (pieces.first ?? "").lowercased().filter { $0 != " " && $0 != "\t" }
    parameters = Array(pieces.dropFirst())
  }

  /// The value of a parameter, without its quotes.
  func parameter(_ name: String) -> String? {
    for parameter in parameters {
      let pair = parameter.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].filter({ $0 != " " && $0 != "\t" }).lowercased() == name else { continue }
      let value = pair[1].drop { $0 == " " || $0 == "\t" }
      guard value.first == "\"" else { return String(value.prefix { $0 != " " && $0 != "\t" }) }
      return String(value.dropFirst().prefix { $0 != "\"" })
    }
    return nil
  }
}
