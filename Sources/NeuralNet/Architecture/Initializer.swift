import Kernels

/// How a weight begins, with the semantics of Keras' initializers.
///
/// The random stream of a tensor depends on (seed, tensor) alone, and only exactly rounded operations follow, so a seed
/// determines the same weights on every machine.
public enum Initializer: Hashable, Sendable {
  case zeros
  case ones
  case constant(Double)
  /// Uniform in ±√(3 · scale / fan).
  case uniformScaling(scale: Double, Fan)
  /// A normal distribution of variance scale / fan, cut off at two standard deviations.
  case normalScaling(scale: Double, Fan)
  case uniform(from: Double, to: Double)
  case normal(mean: Double, standardDeviation: Double)
  /// Saxe et al. (2014).
  case orthogonal(gain: Double)
  /// An LSTM's bias: 1 for the forget gate (Jozefowicz et al., 2015), 0 for the others.
  case unitForgetBias

  /// What a variance is divided by.
  public enum Fan: Hashable, Sendable { case input, average }

  /// Glorot and Bengio (2010): Keras' default for kernels.
  public static let glorotUniform = uniformScaling(scale: 1, .average)

  private static let scalings: [(name: String, scale: Double, fan: Fan)] = [
    ("Glorot", 1, .average), ("He", 2, .input), ("Lecun", 1, .input),
  ]
}

// As Keras writes it.
extension Initializer {
  /// The class and the options.
  var configuration: ConfigurationValue {
    func object(_ name: String, _ options: [String: ConfigurationValue] = [:]) -> ConfigurationValue {
      .keras(name, of: "keras.initializers", options)
    }
    switch self {
    case .zeros, .unitForgetBias: return object("Zeros")
    case .ones: return object("Ones")
    case .constant(let value): return object("Constant", ["value": .number(value)])
    case .uniform(let low, let high):
      return object("RandomUniform", ["minval": .number(low), "maxval": .number(high)])
    case .normal(let mean, let spread):
      return object("RandomNormal", ["mean": .number(mean), "stddev": .number(spread)])
    case .orthogonal(let gain): return object("Orthogonal", ["gain": .number(gain)])
    case .uniformScaling(let scale, let fan), .normalScaling(let scale, let fan):
      let kind = if case .uniformScaling = self { "Uniform" } else { "Normal" }
      let name = Self.scalings.first { $0.scale == scale && $0.fan == fan }?.name ?? "Glorot"
      return object(name + kind)
    }
  }

  /// The initializer of a Keras configuration: an object, or a name such as `zeros` or `he_normal`; nil if unknown.
  init?(_ value: ConfigurationValue) {
    guard let name = value.text ?? value.members?["class_name"]?.text else { return nil }
    let options = value.members?["config"]?.members ?? [:]
    func number(_ option: String, _ normal: Double) -> Double { options[option]?.real ?? normal }
    let key = name.filter { $0 != "_" }.lowercased()
    for (prefix, scale, fan) in Self.scalings {
      if key == prefix.lowercased() + "uniform" {
        self = .uniformScaling(scale: scale, fan)
        return
      }
      if key == prefix.lowercased() + "normal" {
        self = .normalScaling(scale: scale, fan)
        return
      }
    }
    switch key {
    case "zeros", "zero": self = .zeros
    case "ones", "one": self = .ones
    case "constant": self = .constant(number("value", 0))
    case "randomuniform": self = .uniform(from: number("minval", -0.05), to: number("maxval", 0.05))
    case "randomnormal": self = .normal(mean: number("mean", 0), standardDeviation: number("stddev", 0.05))
    // The second is the name of the class until Keras 3.3.
    case "orthogonal", "orthogonalinitializer": self = .orthogonal(gain: number("gain", 1))
    default: return nil
    }
  }

  /// The names that are known, for errors.
  static let names =
    "Zeros, Ones, Constant, RandomUniform, RandomNormal, GlorotUniform, GlorotNormal, HeUniform, HeNormal, "
    + "LecunUniform, LecunNormal and Orthogonal"
}

extension LayerConfiguration {
  /// Takes an initializer.
  public mutating func initializer(
    _ name: String, default normal: Initializer
  ) throws(ArchitectureError) -> Initializer {
    guard let value = take(name) else { return normal }
    guard let initializer = Initializer(value) else {
      throw ArchitectureError(layer: layer, "\(name) = \(value) is not supported; \(Initializer.names) are")
    }
    return initializer
  }
}
