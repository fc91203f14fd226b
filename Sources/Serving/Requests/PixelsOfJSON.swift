import Datasets
import FoundationEssentials
import Platform

/// The images of a JSON body.
///
/// - `{"pixels": IMAGE}`: one image, its numbers in one list or nested as [height][width], or [height][width][channels];
/// - `{"instances": [IMAGE, ...]}`: several, as TensorFlow Serving takes them; each is such an image, or an object with one of these keys;
/// - `{"image": "..."}`, `{"b64": "..."}`: a PNG or JPEG file in base64, perhaps as a data URL.
struct PixelsOfJSON {
  let format: ImageFormat
  let mostImages: Int

  /// The body's images, in their order.
  func images(_ body: [UInt8]) throws(RequestFault) -> [RequestedImage] {
    var json = JSONScanner(body)
    guard json.peek() == UInt8(ascii: "{") else {
      throw RequestFault(.badRequest, "the body is no JSON object; send {\"pixels\": [...]} or {\"instances\": [...]}")
    }
    var images: [RequestedImage]?
    try json.object { (json, key) throws(RequestFault) in
      switch key {
      case "instances" where images == nil: images = try instances(&json)
      case "pixels" where images == nil: images = [.pixels(try pixels(&json, at: "pixels"))]
      case "image" where images == nil, "b64" where images == nil: images = [try file(&json, at: key)]
      // A part of TensorFlow Serving's requests that chooses among functions, of which there is one.
      case "signature_name": try json.skip()
      case "pixels", "instances", "image", "b64":
        throw RequestFault(
          .badRequest, "\"\(key)\" is a second source of images; send one of pixels, instances and image")
      default: throw unknown(key, at: nil)
      }
    }
    try json.end()
    guard let images else {
      throw RequestFault(.badRequest, "the JSON has no images; it needs one of \"pixels\", \"instances\" and \"image\"")
    }
    guard !images.isEmpty else { throw RequestFault(.badRequest, "\"instances\" is empty") }
    return images
  }

  private func unknown(_ key: String, at place: String?) -> RequestFault {
    RequestFault(
      .badRequest,
      "\"\(foreign(key, limit: 80))\"\(place.map { " in \($0)" } ?? "") is not known; there are \"pixels\", \"image\" and "
        + "\"instances\"")
  }

  private func instances(_ json: inout JSONScanner) throws(RequestFault) -> [RequestedImage] {
    guard json.peek() == UInt8(ascii: "[") else {
      throw RequestFault(.badRequest, "\"instances\" is no list of images")
    }
    var images: [RequestedImage] = []
    try json.array { (json, index) throws(RequestFault) in
      guard index < mostImages else {
        throw RequestFault(
          .contentTooLarge, "\"instances\" has more than \(mostImages) images; send them in several requests")
      }
      images.append(try instance(&json, at: "instances[\(index)]"))
    }
    return images
  }

  private func instance(_ json: inout JSONScanner, at place: String) throws(RequestFault) -> RequestedImage {
    guard json.peek() == UInt8(ascii: "{") else { return .pixels(try pixels(&json, at: place)) }
    var image: RequestedImage?
    try json.object { (json, key) throws(RequestFault) in
      guard image == nil else { throw RequestFault(.badRequest, "\(place) has more than one image") }
      switch key {
      case "pixels": image = .pixels(try pixels(&json, at: "\(place).pixels"))
      case "image", "b64": image = try file(&json, at: "\(place).\(key)")
      default: throw unknown(key, at: place)
      }
    }
    guard let image else { throw RequestFault(.badRequest, "\(place) is empty") }
    return image
  }

  /// Reads a file in base64.
  private func file(_ json: inout JSONScanner, at place: String) throws(RequestFault) -> RequestedImage {
    guard json.peek() == UInt8(ascii: "\"") else {
      throw RequestFault(.badRequest, "\(place) is no string; a PNG or JPEG file in base64 is needed")
    }
    var text = try json.string()[...]
    if text.starts(with: "data:".utf8), let comma = text.prefix(100).firstIndex(of: UInt8(ascii: ",")) {
      text = text[(comma + 1)...]
    }
    guard let data = Data(base64Encoded: Data(text)), !data.isEmpty else {
      throw RequestFault(.badRequest, "\(place) is not base64 (RFC 4648), or empty")
    }
    return .file([UInt8](data))
  }

  /// Reads the pixels of one image.
  private func pixels(_ json: inout JSONScanner, at place: String) throws(RequestFault) -> [UInt8] {
    let depth = json.arrayDepth()
    let lengths: [Int]? =
      switch (depth, format.channels) {
      case (1, _): [format.count]
      case (2, 1): [format.height, format.width]
      case (3, _): [format.height, format.width, format.channels]
      default: nil
      }
    guard let lengths else {
      let found = depth == 0 ? "no list" : "a list of \(depth) dimensions"
      throw RequestFault(.badRequest, "\(place) is \(found); the network takes \(format), in one list or nested")
    }
    var reader = PixelReader(place: place, lengths: lengths, format: format)
    reader.pixels.reserveCapacity(format.count)
    try reader.list(&json, level: 0)
    return reader.pixels
  }
}

/// Reads nested lists of known lengths.
private struct PixelReader {
  let place: String
  let lengths: [Int]
  let format: ImageFormat
  var pixels: [UInt8] = []
  /// Where it is: an index of each level.
  private var indices: [Int] = [0, 0, 0]

  init(place: String, lengths: [Int], format: ImageFormat) {
    self.place = place
    self.lengths = lengths
    self.format = format
  }

  mutating func list(_ json: inout JSONScanner, level: Int) throws(RequestFault) {
    var count = 0
    guard json.take(UInt8(ascii: "[")) else { throw fault("is no list", level) }
    if !json.take(UInt8(ascii: "]")) {
      repeat {
        guard count < lengths[level] else { throw wrongLength("more than \(lengths[level])", level) }
        indices[level] = count
        if level + 1 < lengths.count {
          try list(&json, level: level + 1)
        } else {
          pixels.append(try pixel(&json))
        }
        count += 1
      } while json.take(UInt8(ascii: ","))
      try json.expect(UInt8(ascii: "]"))
    }
    guard count == lengths[level] else { throw wrongLength(String(count), level) }
  }

  private mutating func pixel(_ json: inout JSONScanner) throws(RequestFault) -> UInt8 {
    guard let number = try json.number() else { throw fault("is no number", lengths.count) }
    guard let pixel = UInt8(exactly: number) else {
      let isFraction = (0...1).contains(number) ? " (are they divided by 255? Send the bytes)" : ""
      throw fault("is \(number), but a pixel is a whole number from 0 to 255\(isFraction)", lengths.count)
    }
    return pixel
  }

  private func wrongLength(_ found: String, _ level: Int) -> RequestFault {
    fault("has \(found) elements, but needs \(lengths[level]): the network takes \(format)", level)
  }

  /// A fault of what is at this place: below `level` indices.
  private func fault(_ what: String, _ level: Int) -> RequestFault {
    RequestFault(.badRequest, place + indices.prefix(level).map { "[\($0)]" }.joined() + " " + what)
  }
}
