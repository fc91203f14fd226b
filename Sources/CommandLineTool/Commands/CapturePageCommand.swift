import ArgumentParser
import Datasets
import Pages
import Platform

/// `fingerspell data capture-page`.
struct CapturePageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture-page",
    abstract: "Write a page that takes pictures of your own hand, to train on.",
    discussion: """
      Open the page in a browser, choose a letter, hold the button while you sign it, and save the pictures: hands.zip has a folder \
      for each letter, which train reads once it is unpacked. The page fetches nothing and sends nothing.

      EXAMPLES
        fingerspell data capture-page capture.html
        unzip hands.zip -d hands
        fingerspell train --data hands --validation-split 0.2
      """)

  @Argument(help: ArgumentHelp("The file to write; one that exists is replaced.", valueName: "out.html"))
  var output: String

  @Option(
    name: .customLong("class-names"),
    help: ArgumentHelp(
      "The names of the classes: a file with one name a line, or a JSON list. (default: the letters that are signed without movement)",
      valueName: "file"))
  var classNames: String?

  @Option(help: ArgumentHelp("Height and width of the pictures. (default: 224x224)", valueName: "HxW"))
  var size: ImageSize?

  func validate() throws {
    for side in [size?.height, size?.width].compactMap(\.self) { try Bounds.check("--size", side, Self.sides) }
  }

  /// Smaller pictures would lose what a network sees, larger ones what a camera has.
  private static let sides = 8...1024

  func run() throws {
    let classes = try classNames.map { try ClassNames(path: $0) } ?? .signLanguageMNIST
    let file = try OutputFile(output, inputs: [classNames].compactMap(\.self))
    try file.write(Array(CapturePage(classes, height: size?.height ?? 224, width: size?.width ?? 224).html.utf8))
    guard !file.isStandardOutput else { return }
    try Console().line(
      "\(foreign(output)): open it in a browser, and take pictures of \(classes.present.count) classes.")
  }
}
