import ArgumentParser
import Transforms

/// How far training images are augmented. Each option overrides one range.
struct AugmentationOptions: ParsableArguments {
  @Option(
    name: .customLong("augment-rotation"), parsing: .unconditional,
    help: .range(\.rotation, "Rotate by up to this many degrees either way", "degrees"))
  var rotation: Double?

  @Option(
    name: .customLong("augment-shift"), parsing: .unconditional,
    help: .range(\.shift, "Shift by up to this many pixels in each direction", "pixels"))
  var shift: Double?

  @Option(
    name: .customLong("augment-zoom"), parsing: .unconditional,
    help: .range(\.zoom, "Zoom in or out by up to this fraction", "fraction"))
  var zoom: Double?

  @Option(
    name: .customLong("augment-constant-padding-probability"), parsing: .unconditional,
    help: .range(
      \.constantPaddingProbability,
      "Probability of constant padding, with one gray level, instead of replicating the edges", "probability"))
  var constantPaddingProbability: Double?

  @Option(
    name: .customLong("augment-brightness"), parsing: .unconditional,
    help: .range(\.brightness, "Brightness jitter, as a fraction of white", "fraction"))
  var brightness: Double?

  @Option(
    name: .customLong("augment-contrast"), parsing: .unconditional,
    help: .range(\.contrast, "Contrast jitter, as a fraction", "fraction"))
  var contrast: Double?

  @Option(
    name: .customLong("augment-lighting-gradient"), parsing: .unconditional,
    help: .range(
      \.lightingGradient, "Lighting gradient across and down: up to this fraction of white at either edge", "fraction"))
  var lightingGradient: Double?

  @Option(
    name: .customLong("augment-lighting-gradient-probability"), parsing: .unconditional,
    help: .range(\.lightingGradientProbability, "Probability of a lighting gradient", "probability"))
  var lightingGradientProbability: Double?

  @Option(
    name: .customLong("augment-noise"), parsing: .unconditional,
    help: .range(\.noise, "Gaussian noise of a standard deviation of up to this many gray levels", "levels"))
  var noise: Double?

  @Option(
    name: .customLong("augment-noise-probability"), parsing: .unconditional,
    help: .range(\.noiseProbability, "Probability of noise", "probability"))
  var noiseProbability: Double?

  @Option(
    name: .customLong("augment-blur"), parsing: .unconditional,
    help: .range(\.blur, "Gaussian blur of a standard deviation of up to this many pixels", "pixels"))
  var blur: Double?

  @Option(
    name: .customLong("augment-blur-probability"), parsing: .unconditional,
    help: .range(\.blurProbability, "Probability of blur", "probability"))
  var blurProbability: Double?

  @Option(
    name: .customLong("augment-random-erasing"), parsing: .unconditional,
    help: .range(
      \.randomErasing, "Random erasing (cutout): a rectangle of up to this many columns and rows, in one gray level",
      "pixels"))
  var randomErasing: Double?

  @Option(
    name: .customLong("augment-random-erasing-minimum"), parsing: .unconditional,
    help: .value(
      \.randomErasingMinimum, "The least columns and rows of that rectangle, if it may have as many.", "pixels"))
  var randomErasingMinimum: Double?

  @Option(
    name: .customLong("augment-random-erasing-probability"), parsing: .unconditional,
    help: .range(\.randomErasingProbability, "Probability of random erasing", "probability"))
  var randomErasingProbability: Double?

  private typealias Range = (
    name: String, given: KeyPath<Self, Double?>, range: WritableKeyPath<AugmentationRanges, Double>
  )

  private static var options: [Range] {
    [
      ("--augment-rotation", \.rotation, \.rotation),
      ("--augment-shift", \.shift, \.shift),
      ("--augment-zoom", \.zoom, \.zoom),
      ("--augment-constant-padding-probability", \.constantPaddingProbability, \.constantPaddingProbability),
      ("--augment-brightness", \.brightness, \.brightness),
      ("--augment-contrast", \.contrast, \.contrast),
      ("--augment-lighting-gradient", \.lightingGradient, \.lightingGradient),
      ("--augment-lighting-gradient-probability", \.lightingGradientProbability, \.lightingGradientProbability),
      ("--augment-noise", \.noise, \.noise),
      ("--augment-noise-probability", \.noiseProbability, \.noiseProbability),
      ("--augment-blur", \.blur, \.blur),
      ("--augment-blur-probability", \.blurProbability, \.blurProbability),
      ("--augment-random-erasing", \.randomErasing, \.randomErasing),
      ("--augment-random-erasing-probability", \.randomErasingProbability, \.randomErasingProbability),
    ]
  }

  func validate() throws {
    for (name, given, range) in Self.options {
      guard let value = self[keyPath: given] else { continue }
      let most = AugmentationRanges.limits[keyPath: range]
      guard (0...most).contains(value) else {
        throw ValidationError("\(name) is \(value.plain); it must be a number from 0 (off) to \(most.plain).")
      }
    }
    if let randomErasing {
      try require(
        randomErasing == randomErasing.rounded(), "--augment-random-erasing", randomErasing.plain,
        "it must be a whole number")
    }
    if let randomErasingMinimum {
      let most = AugmentationRanges.limits.randomErasingMinimum
      try require(
        (1...most).contains(randomErasingMinimum) && randomErasingMinimum == randomErasingMinimum.rounded(),
        "--augment-random-erasing-minimum", randomErasingMinimum.plain,
        "it must be a whole number from 1 to \(most.plain)")
    }
  }

  /// The first of these options that was given; nil for none.
  var firstGiven: String? {
    Self.options.first { self[keyPath: $0.given] != nil }?.name
      ?? randomErasingMinimum.map { _ in "--augment-random-erasing-minimum" }
  }

  /// The ranges: what was given, and for the others those of `base`.
  func ranges(over base: AugmentationRanges = .best) -> AugmentationRanges {
    var ranges = base
    for (_, given, range) in Self.options {
      if let value = self[keyPath: given] { ranges[keyPath: range] = value }
    }
    if let randomErasingMinimum { ranges.randomErasingMinimum = randomErasingMinimum }
    return ranges
  }
}

extension ArgumentHelp {
  fileprivate static func range(
    _ range: KeyPath<AugmentationRanges, Double>, _ text: String, _ valueName: String
  ) -> ArgumentHelp {
    value(range, "\(text); 0 for none.", valueName)
  }

  fileprivate static func value(
    _ range: KeyPath<AugmentationRanges, Double>, _ text: String, _ valueName: String
  ) -> ArgumentHelp {
    ArgumentHelp("\(text) (default: \(AugmentationRanges.best[keyPath: range].plain))", valueName: valueName)
  }
}
