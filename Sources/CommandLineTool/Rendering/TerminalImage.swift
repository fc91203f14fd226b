import Datasets

/// An image as lines of text, two rows of pixels per line.
struct TerminalImage {
  /// From dark to light.
  private static let levels = Array(" .:-=+*#%@")

  private let colors: Bool

  /// - Parameter colors: draw half blocks in 24-bit gray; otherwise characters of growing weight.
  init(colors: Bool) {
    self.colors = colors
  }

  /// The pixels of 28 x 28 as 14 lines of 28 characters.
  func text(_ image: [UInt8]) -> String {
    let side = ImageTable.side
    var text = ""
    for top in stride(from: 0, to: image.count, by: 2 * side) {
      for index in top..<top + side {
        text += cell(image[index], image[index + side])
      }
      text += colors ? "\u{1B}[0m\n" : "\n"
    }
    return text
  }

  /// One character for a pixel and the one below it.
  private func cell(_ upper: UInt8, _ lower: UInt8) -> String {
    guard colors else {
      return String(Self.levels[(Int(upper) + Int(lower)) * Self.levels.count / 512])
    }
    return "\u{1B}[38;2;\(upper);\(upper);\(upper);48;2;\(lower);\(lower);\(lower)m▀"
  }
}
