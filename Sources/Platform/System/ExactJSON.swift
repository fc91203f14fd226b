import FoundationEssentials

/// JSON that round-trips every number exactly. Non-finite numbers, which JSON lacks, are written as "nan", "inf" and
/// "-inf".
package enum ExactJSON {
  private static let (inf, minusInf, nan) = ("inf", "-inf", "nan")

  /// An encoder. Keys are sorted, so that equal values encode to equal bytes.
  package static func encoder(
    _ formatting: JSONEncoder.OutputFormatting = [.sortedKeys, .withoutEscapingSlashes],
    keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
  ) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    encoder.keyEncodingStrategy = keys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: inf, negativeInfinity: minusInf, nan: nan)
    return encoder
  }

  /// A decoder for the output of `encoder`.
  package static func decoder(keys: JSONDecoder.KeyDecodingStrategy = .useDefaultKeys) -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = keys
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: inf, negativeInfinity: minusInf, nan: nan)
    return decoder
  }
}

extension JSONEncoder.OutputFormatting {
  /// For people: indented, with sorted keys.
  package static var readable: Self { [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] }
}
