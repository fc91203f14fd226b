/// What earlier versions of this program called its options, commands and values: the table in CHANGELOG.md.
enum FormerNames {
  static let options: [String: String] = [
    "augment-fill-share": "augment-constant-padding-probability",
    "augment-erase": "augment-random-erasing", "augment-erase-share": "augment-random-erasing-probability",
    "augment-shade": "augment-lighting-gradient", "augment-shade-share": "augment-lighting-gradient-probability",
    "augment-noise-share": "augment-noise-probability", "augment-blur-share": "augment-blur-probability",
    "disturb": "corruption", "disturb-seed": "corruption-seed",
  ]

  static let commands = ["exchange": "reduction"]

  /// Values of options.
  static let values: [String: [String: String]] = [
    "--all-reduce": ["canonical": "reproducible"],
    "--corruption": [
      "shifted": "shift", "framed": "zero-padded-shift", "rotated": "rotation", "zoomed": "zoom", "blurred": "blur",
      "light": "brightness-contrast", "shaded": "lighting-gradient", "specks": "salt-and-pepper", "hidden": "occlusion",
    ],
  ]
}
