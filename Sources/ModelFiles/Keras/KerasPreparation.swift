import NeuralNet
import Platform

/// The layers that a `.keras` file of this program has before the network's own: they make the network's input of pixels from 0 to 255, so
/// that whoever opens it gives it the picture.
///
/// - unit: `Rescaling(1 / 255)`.
/// - standardized: `Rescaling(1 / 128, offset=-1)`, which is exact and brings the numbers near zero, and `GroupNormalization(groups=1)`
///   without weights, which is mean 0 and standard deviation 1 over all numbers of the image. Its epsilon is that of a variance of
///   one sixth of 1 gray level in 784.
/// - raw: none; the network has its own.
///
/// Where the model was trained on inverted pictures, the first of them inverts the pixel.
package enum KerasPreparation {
  /// The metadata key of the added layers: their names, separated by spaces.
  static let key = "prepared_by"

  /// The layers for a preprocessing.
  ///
  /// - Parameter inverts: whether black becomes white before it: a pixel v is 255 - v.
  static func layers(_ preprocessing: Preprocessing, inverts: Bool) -> [(name: String, layer: any Layer)] {
    switch preprocessing {
    case .raw: inverts ? [("inversion", Rescaling(-1, offset: 255))] : []
    case .unit: [("pixels_to_unit", inverts ? Rescaling(-1.0 / 255, offset: 1) : Rescaling(1.0 / 255))]
    case .standardized:
      [
        ("pixels_to_range", inverts ? Rescaling(-1.0 / 128, offset: 127.0 / 128) : Rescaling(1.0 / 128, offset: -1)),
        ("standardization", GroupNormalization(groups: 1, epsilon: 1e-7, center: false, scale: false)),
      ]
    }
  }

  /// The network with these layers before it, what they are, and the metadata that says so.
  package static func added(
    to architecture: Architecture, _ preprocessing: Preprocessing, inverts: Bool
  ) throws(ArchitectureError) -> (
    architecture: Architecture, added: [(kerasName: String, name: String)], metadata: [String: String]
  ) {
    let taken = Set(architecture.stages.map(\.name))
    let layers = layers(preprocessing, inverts: inverts).map { given, layer in
      var name = given
      while taken.contains(name) { name += "_" }
      return (name: name, layer: layer)
    }
    let whole = try Architecture(
      name: architecture.name, input: architecture.input,
      layers: layers.map { ($0.name, $0.layer) } + architecture.stages.map { ($0.name, $0.layer) })
    return (
      whole, layers.map { (type(of: $0.layer).kerasName, $0.name) },
      layers.isEmpty ? [:] : [key: layers.map(\.name).joined(separator: " ")]
    )
  }

  /// The network without the layers that this program has put before it, where the metadata say so and they are these; also
  /// takes the note of them out of the metadata.
  static func removed(
    from architecture: Architecture, _ metadata: inout [String: String]
  ) throws -> (architecture: Architecture, added: [(kerasName: String, name: String)]) {
    guard let names = metadata.removeValue(forKey: key)?.split(separator: " ").map(String.init) else {
      return (architecture, [])
    }
    let first = architecture.stages.prefix(names.count)
    let preprocessing = metadata[ModelFile.preprocessingKey].flatMap(Preprocessing.init(rawValue:)) ?? .raw
    let isKnown = [false, true].contains { inverts in
      let expected = layers(preprocessing, inverts: inverts)
      return first.map(\.name) == names && expected.count == names.count && architecture.stages.count > names.count
        && zip(first, expected).allSatisfy { isSame($0.layer, $1.layer) }
    }
    guard isKnown else {
      throw SafetensorsError(
        .unknownMetadata(
          key: key, value: names.joined(separator: " "), known: layers(preprocessing, inverts: false).map(\.name)))
    }
    let rest = architecture.stages.dropFirst(names.count).map { (name: Optional($0.name), layer: $0.layer) }
    return (
      try Architecture(name: architecture.name, input: architecture.input, layers: rest),
      first.map { (type(of: $0.layer).kerasName, $0.name) }
    )
  }

  private static func isSame(_ a: any Layer, _ b: any Layer) -> Bool {
    type(of: a) == type(of: b) && a.configuration == b.configuration
  }
}
