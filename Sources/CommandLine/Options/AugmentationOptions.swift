import ArgumentParser
import SignLanguageMNIST

/// How far training images are changed. Each option overrides one range.
struct AugmentationOptions: ParsableArguments {
  @Option(
    name: .customLong("augment-rotation"), parsing: .unconditional,
    help: .range(\.rotation, "Turn images by up to so many degrees either way", "degrees"))
  var rotation: Double?

  @Option(
    name: .customLong("augment-shift"), parsing: .unconditional,
    help: .range(\.shift, "Shift them by up to so many pixels to any side", "pixels"))
  var shift: Double?

  @Option(
    name: .customLong("augment-zoom"), parsing: .unconditional,
    help: .range(\.zoom, "Grow or shrink them by up to this fraction", "fraction"))
  var zoom: Double?

  @Option(
    name: .customLong("augment-fill-share"), parsing: .unconditional,
    help: .range(
      \.fillShare, "Surround this fraction of them by one grey level instead of repeating their edges", "fraction"))
  var fillShare: Double?

  @Option(
    name: .customLong("augment-brightness"), parsing: .unconditional,
    help: .range(\.brightness, "Add or take up to this fraction of white", "fraction"))
  var brightness: Double?

  @Option(
    name: .customLong("augment-contrast"), parsing: .unconditional,
    help: .range(\.contrast, "Raise or lower the contrast by up to this fraction", "fraction"))
  var contrast: Double?

  @Option(
    name: .customLong("augment-shade"), parsing: .unconditional,
    help: .range(\.shade, "Shade them by up to this fraction of white at either edge, across and down", "fraction"))
  var shade: Double?

  @Option(
    name: .customLong("augment-shade-share"), parsing: .unconditional,
    help: .range(\.shadeShare, "Shade this fraction of the images", "fraction"))
  var shadeShare: Double?

  @Option(
    name: .customLong("augment-noise"), parsing: .unconditional,
    help: .range(\.noise, "Add noise whose deviation is up to so many grey levels", "levels"))
  var noise: Double?

  @Option(
    name: .customLong("augment-noise-share"), parsing: .unconditional,
    help: .range(\.noiseShare, "Add it to this fraction of the images", "fraction"))
  var noiseShare: Double?

  @Option(
    name: .customLong("augment-blur"), parsing: .unconditional,
    help: .range(\.blur, "Blur them by a deviation of up to so many pixels", "pixels"))
  var blur: Double?

  @Option(
    name: .customLong("augment-blur-share"), parsing: .unconditional,
    help: .range(\.blurShare, "Blur this fraction of the images", "fraction"))
  var blurShare: Double?

  @Option(
    name: .customLong("augment-erase"), parsing: .unconditional,
    help: .range(\.erase, "Hide a rectangle of up to so many columns and rows", "pixels"))
  var erase: Double?

  @Option(
    name: .customLong("augment-erase-share"), parsing: .unconditional,
    help: .range(\.eraseShare, "Hide a part of this fraction of the images", "fraction"))
  var eraseShare: Double?

  private typealias Range = (
    name: String, given: KeyPath<Self, Double?>, range: WritableKeyPath<AugmentationRanges, Double>
  )

  private static var options: [Range] {
    [
      ("--augment-rotation", \.rotation, \.rotation), ("--augment-shift", \.shift, \.shift),
      ("--augment-zoom", \.zoom, \.zoom), ("--augment-fill-share", \.fillShare, \.fillShare),
      ("--augment-brightness", \.brightness, \.brightness), ("--augment-contrast", \.contrast, \.contrast),
      ("--augment-shade", \.shade, \.shade), ("--augment-shade-share", \.shadeShare, \.shadeShare),
      ("--augment-noise", \.noise, \.noise), ("--augment-noise-share", \.noiseShare, \.noiseShare),
      ("--augment-blur", \.blur, \.blur), ("--augment-blur-share", \.blurShare, \.blurShare),
      ("--augment-erase", \.erase, \.erase), ("--augment-erase-share", \.eraseShare, \.eraseShare),
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
    if let erase { try require(erase == erase.rounded(), "--augment-erase", erase.plain, "it must be a whole number") }
  }

  /// The first of these options that was given; nil for none.
  var firstGiven: String? {
    Self.options.first { self[keyPath: $0.given] != nil }?.name
  }

  /// The ranges: what was given, and for the others those of `base`.
  func ranges(over base: AugmentationRanges = .best) -> AugmentationRanges {
    var ranges = base
    for (_, given, range) in Self.options {
      if let value = self[keyPath: given] { ranges[keyPath: range] = value }
    }
    return ranges
  }
}

extension ArgumentHelp {
  fileprivate static func range(
    _ range: KeyPath<AugmentationRanges, Double>, _ text: String, _ valueName: String
  ) -> ArgumentHelp {
    let value = AugmentationRanges.best[keyPath: range]
    return ArgumentHelp("\(text); 0 for not at all. (default: \(value.plain))", valueName: valueName)
  }
}
