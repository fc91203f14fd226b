import Foundation

/// What Tests/Goldens/pictures.py made with Pillow.
struct PictureGoldens: Decodable {
  /// A file that Pillow decodes.
  struct Decoding: Decodable {
    let file: Data, width: Int, height: Int, rgb: Data, gray: Data, exact: Bool
  }

  /// A file that must not be decoded, and a word of the error.
  struct Refused: Decodable { let file: Data, why: String }

  /// A picture and the image that comes of it.
  struct Fitting: Decodable {
    let width: Int, height: Int, channels: Int, pixels: Data
    let newWidth: Int, newHeight: Int, fit: String, invert: Bool, image: Data
  }

  let decoding: [String: Decoding], refused: [String: Refused], fitting: [Fitting]

  static let all: PictureGoldens = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Goldens/pictures.json")
    do {
      let decoder = JSONDecoder()
      decoder.dataDecodingStrategy = .base64
      return try decoder.decode(Self.self, from: Data(contentsOf: file))
    } catch {
      fatalError("\(file.path): \(error)")
    }
  }()

  /// The names of the files that are decoded.
  static let names = all.decoding.keys.sorted()
}
