import Datasets
import Glibc
import ImageFiles
import Platform

/// The images that a path names, for whoever asks a model about them.
package enum PredictionSources {
  /// The name that stands for standard input.
  package static let standardInput = "-"

  /// The inputs at a path, in their order: an image file, a list of images, a table of rows, a folder with the files of a known data set
  /// (its test rows), or any other folder, whose images are found at any depth.
  ///
  /// - Parameters:
  ///   - classifier: the model that is asked, whose classes folders and lists may name.
  ///   - warn: told what was left out.
  /// - Throws: what is wrong with the path as a whole. An image file is not opened here.
  package static func inputs(
    at path: String, _ classifier: ImageClassifier, warn: (String) -> Void
  ) throws -> [PredictionInput] {
    guard path != standardInput else { return [.image(try readStandardInput(), named: path)] }
    guard let kind = PathKind(of: path) else { throw FileError("open", path, code: ENOENT) }
    if kind == .folder { return try inputs(inFolder: path, classifier, warn) }
    if Photographs.isPhotograph(path) { return PredictionInput.photographs(Photographs(file: path)) }
    if Photographs.isList(path) {
      return PredictionInput.photographs(try Photographs(list: path, classes: classifier.classes))
    }
    // Whatever cannot be opened is said by whoever reads tables.
    return try rows(DataFolder.source(.test, path), classifier)
  }

  private static func inputs(
    inFolder path: String, _ classifier: ImageClassifier, _ warn: (String) -> Void
  ) throws -> [PredictionInput] {
    // Tables come first: Kaggle's download of Sign Language MNIST has pictures beside them.
    do {
      return try rows(DataFolder.sources([.test], at: path)[0], classifier)
    } catch let error as DataFilesMissing {
      // A folder without images may be one of a data set that is not complete.
      guard error.traces.isEmpty || ImageFolder(in: path) != nil else { throw error }
      return try photographs(path, classifier, warn)
    }
  }

  private static func photographs(
    _ path: String, _ classifier: ImageClassifier, _ warn: (String) -> Void
  ) throws -> [PredictionInput] {
    let found = try Photographs(folder: path, classes: classifier.classes)
    found.warnings.forEach(warn)
    return PredictionInput.photographs(found)
  }

  /// The rows of a table, fitted as the model's were.
  private static func rows(_ source: any RowSource, _ classifier: ImageClassifier) throws -> [PredictionInput] {
    let (fit, invert) = (classifier.rowFit, classifier.fitting.invert)
    let rows =
      fit != nil || invert ? FittedRows(source, fit: fit, invert: invert, framing: classifier.fitting.framing) : source
    let request = RowRequest(format: classifier.format, classCount: classifier.classes.count)
    let table = try DataSource(rows, request).table(needsLabels: false)
    return PredictionInput.rows(0..<table.count, of: table, named: source.name)
  }

  /// All bytes of standard input, no more than a picture has.
  private static func readStandardInput() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= Picture.mostBytes {
      let count = block.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", "standard input") }
      if count == 0 { return bytes }
      bytes += block[..<count]
    }
    throw ImageFileError(file: "standard input", fault: .tooLong(bytes: bytes.count))
  }
}
