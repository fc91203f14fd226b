import Datasets
import ImageFiles
import Platform

/// One image to ask a model about: a file, or a row of a table.
package struct PredictionInput: Sendable {
  /// Where the image is.
  enum Contents: Sendable {
    case file(String)
    case bytes([UInt8])
    case row(ImageTable, Int)
  }

  /// The path of the file, or the name of the table, as it was given.
  package let name: String
  /// The row of a table, from 0; nil for a file.
  package let row: Int?
  /// Its true class, where that is known.
  package let truth: Int?
  let contents: Contents

  /// The rows of a table, by their numbers from 0.
  package static func rows(_ rows: some Sequence<Int>, of table: ImageTable, named name: String) -> [PredictionInput] {
    rows.map { row in
      PredictionInput(
        name: name, row: row, truth: table.hasLabels ? Int(table.labels[row]) : nil, contents: .row(table, row))
    }
  }

  /// Image files.
  package static func photographs(_ photographs: Photographs) -> [PredictionInput] {
    photographs.files.map { PredictionInput(name: $0.path, row: nil, truth: $0.label, contents: .file($0.path)) }
  }

  /// An image in bytes that were read from elsewhere.
  package static func image(_ bytes: [UInt8], named name: String) -> PredictionInput {
    PredictionInput(name: name, row: nil, truth: nil, contents: .bytes(bytes))
  }

  /// The path of the file that has the image; nil for a row.
  package var path: String? { if case .file(let path) = contents { path } else { nil } }

  /// The network's input, and the picture that it was made of, if it was.
  func image(_ classifier: ImageClassifier) throws -> (input: [UInt8], picture: Picture?) {
    let picture: Picture
    switch contents {
    case .row(let table, let row): return (Array(table.image(row)), nil)
    case .file(let path): picture = try Picture(file: path)
    case .bytes(let bytes):
      let name = name == PredictionSources.standardInput ? "standard input" : name
      picture = try Picture(named: name, bytes)
    }
    return (try classifier.input(of: picture), picture)
  }
}

/// An input with what the model says of it.
package struct PredictedInput: Sendable {
  /// Its name, row and true class.
  package let input: PredictionInput
  /// What the model says.
  package let prediction: ImagePrediction
  /// The photograph in small, if that was wanted; nil for a row.
  package let thumbnail: Picture?

  /// Whether the most probable class is the true one; nil if that is not known.
  package var isRight: Bool? { input.truth.map { prediction.label == $0 } }
}

/// An input that could not be used.
package struct FailedInput: Error, Sendable {
  /// Its path.
  package let name: String
  /// What is wrong.
  package let error: any Error

  /// An input with its error.
  package init(name: String, error: any Error) {
    self.name = name
    self.error = error
  }
}

extension ImageClassifier {
  /// How many images are read before the network has them all.
  private static let blockSize = 32
  /// The longest side of the small photographs, and how many of them are kept: those of a page of some megabytes.
  private static let thumbnailSide = 112, mostThumbnails = 400

  /// Predicts inputs, in their order; one that cannot be used is told, and the others continue.
  ///
  /// - Parameter thumbnails: whether small photographs are wanted.
  package func predict(
    _ inputs: [PredictionInput], thumbnails: Bool = false,
    _ tell: (Result<PredictedInput, FailedInput>) throws -> Void
  ) throws {
    var kept = 0
    for start in stride(from: 0, to: inputs.count, by: Self.blockSize) {
      let block = inputs[start..<min(start + Self.blockSize, inputs.count)]
      let images = block.map { input in
        Result { () throws(FailedInput) -> (image: [UInt8], thumbnail: Picture?) in
          do {
            let (image, picture) = try input.image(self)
            guard thumbnails, kept < Self.mostThumbnails, let picture else { return (image, nil) }
            kept += 1
            return (image, picture.thumbnail(side: Self.thumbnailSide))
          } catch {
            throw FailedInput(name: input.name, error: error)
          }
        }
      }
      var predictions = predictions(of: images.compactMap { try? $0.get().image }).makeIterator()
      for (input, image) in zip(block, images) {
        try tell(
          image.map { _, thumbnail in
            guard let prediction = predictions.next() else { preconditionFailure("each image has a prediction") }
            return PredictedInput(input: input, prediction: prediction, thumbnail: thumbnail)
          })
      }
    }
  }
}
