import FoundationEssentials

/// JSON in which every number reads back as the same number: those that JSON does not know are "nan", "inf" and "-inf".
package enum ExactJSON {
  private static let (inf, minusInf, nan) = ("inf", "-inf", "nan")

  /// An encoder; sorted keys, so that equal values give equal bytes.
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

  /// A decoder of what such an encoder writes.
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
