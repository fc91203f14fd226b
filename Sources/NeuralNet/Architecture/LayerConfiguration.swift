/// A layer's Keras configuration while it is read: every option is taken once, and what nobody has taken must not matter.
public struct LayerConfiguration {
  /// The layer's name and class, for errors.
  public let layer: String
  private var options: [String: ConfigurationValue]

  /// What Keras writes into every layer's configuration and changes nothing that is computed, or is checked elsewhere.
  private static let ignored: Set<String> = [
    "name", "batch_shape", "batch_input_shape", "input_shape", "seed", "module", "registered_name", "build_config",
    "ragged", "sparse", "unroll", "zero_output_for_mask", "use_cudnn", "implementation",
    "lora_rank", "lora_alpha", "quantization_config",
  ]

  init(layer: String, _ options: [String: ConfigurationValue]) {
    self.layer = layer
    self.options = options.filter { !Self.ignored.contains($0.key) }
  }

  /// Takes an option; nil where it is absent or null.
  public mutating func take(_ name: String) -> ConfigurationValue? {
    let value = options.removeValue(forKey: name)
    return value == .null ? nil : value
  }

  /// Whether an option is there and null.
  func isNull(_ name: String) -> Bool { options[name] == .null }

  private func error(_ name: String, _ value: ConfigurationValue, _ supported: String) -> ArchitectureError {
    ArchitectureError(layer: layer, "\(name) = \(value) is not supported; \(supported)")
  }

  /// Takes a whole number in a range.
  public mutating func integer(
    _ name: String, default normal: Int? = nil, in range: ClosedRange<Int> = 1...1 << 20
  ) throws(ArchitectureError) -> Int {
    guard let value = take(name) else {
      guard let normal else { throw ArchitectureError(layer: layer, "has no '\(name)', which it must have") }
      return normal
    }
    guard let number = value.whole, range.contains(number) else {
      throw error(name, value, "a whole number from \(range.lowerBound) to \(range.upperBound) is")
    }
    return number
  }

  /// Takes one whole number for every one of `rank` dimensions: a list, or one number for all.
  public mutating func integers(
    _ name: String, rank: Int, default normal: [Int]? = nil
  ) throws(ArchitectureError) -> [Int] {
    guard let value = take(name) else {
      guard let normal else { throw ArchitectureError(layer: layer, "has no '\(name)', which it must have") }
      return normal
    }
    let numbers = value.whole.map { Array(repeating: $0, count: rank) } ?? value.elements?.compactMap(\.whole)
    guard let numbers, numbers.count == rank, numbers.allSatisfy({ (1...1 << 20).contains($0) }) else {
      throw error(name, value, rank == 1 ? "a positive whole number is" : "\(rank) positive whole numbers are")
    }
    return numbers
  }

  /// Takes a finite number in a range.
  public mutating func number(
    _ name: String, default normal: Double, in range: ClosedRange<Double>
  ) throws(ArchitectureError) -> Double {
    guard let value = take(name) else { return normal }
    guard let number = value.real, range.contains(number) else {
      throw error(name, value, "a number from \(range.lowerBound) to \(range.upperBound) is")
    }
    return number
  }

  /// Takes a rate of dropout, from 0 to below 1.
  public mutating func rate(_ name: String) throws(ArchitectureError) -> Double {
    let value = options[name]
    let rate = try number(name, default: 0, in: 0...1)
    if rate == 1, let value { throw error(name, value, "a number from 0 to below 1 is") }
    return rate
  }

  /// Takes a truth value.
  public mutating func flag(_ name: String, default normal: Bool) throws(ArchitectureError) -> Bool {
    guard let value = take(name) else { return normal }
    guard case .bool(let flag) = value else { throw error(name, value, "True and False are") }
    return flag
  }

  /// Takes a text that is one of an enumeration's names.
  public mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, default normal: Choice
  ) throws(ArchitectureError) -> Choice {
    guard let value = take(name) else { return normal }
    guard let choice = value.text.flatMap({ Choice(rawValue: $0) }) else {
      let names = Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      throw error(name, value, "\(names) \(Choice.allCases.count == 1 ? "is" : "are")")
    }
    return choice
  }

  /// Takes an option that may have one value only.
  public mutating func require(
    _ name: String, _ only: ConfigurationValue, because reason: String? = nil
  ) throws(ArchitectureError) {
    guard let value = take(name), value != only, value.elements?.allSatisfy({ $0 == only }) != true else { return }
    throw error(name, value, "\(only) is" + (reason.map { ": \($0)" } ?? ""))
  }

  /// What is left must be absent, null or false: another option would change what is computed.
  mutating func finish() throws(ArchitectureError) {
    try require("trainable", .bool(true), because: "all weights are trained")
    if let type = take("dtype"), let name = type.text ?? type.members?["config"]?.members?["name"]?.text,
      name != "float32"
    {
      throw error("dtype", .string(name), "'float32' is")
    }
    for (name, value) in options.sorted(by: { $0.key < $1.key }) where value != .null && value != .bool(false) {
      throw ArchitectureError(layer: layer, "option \(name) = \(value) is not supported; leave it out")
    }
  }
}
