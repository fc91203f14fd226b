import FoundationEssentials
import Platform
import Training

/// The class weights that a user chose: `balanced`, or a JSON file with the factors of classes, by number or name.
enum ClassWeightFile {
  /// The most bytes of a file: thousands of classes have fewer.
  private static let sizeLimit = 1 << 20
  private static let example = #"{"0": 1.5, "B": 2}"#

  /// Reads what the option's value names.
  static func read(_ value: String) throws -> ClassWeight {
    if value == "balanced" { return .balanced }
    let size = try OpenFile.reading(value).size()
    guard size <= sizeLimit else {
      throw Failure(.data, "\(foreign(value)) has \(size) bytes; a file of class weights has at most \(sizeLimit)")
    }
    let bytes = try FileBytes.read(value)
    if let factors = EmbeddedParts.found(in: bytes)?.classWeight { return .given(factors) }
    do { return .given(try ExactJSON.decoder().decode([String: Double].self, from: Data(bytes))) } catch {
      throw Failure(
        .data, "\(foreign(value)) is no file of class weights: it must be a JSON object of numbers, e.g. \(example)")
    }
  }
}
