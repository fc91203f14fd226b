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

  /// The most characters of a line; of wider images pixels are left out.
  private static let mostColumns = 96

  /// An image in this format: 28 x 28 gray pixels are 14 lines of 28 characters. Colors are shown as their mean.
  func text(_ image: [UInt8], _ format: ImageFormat) -> String {
    let step = (format.width + Self.mostColumns - 1) / Self.mostColumns
    func gray(_ y: Int, _ x: Int) -> UInt8 {
      guard y < format.height else { return 0 }
      let first = (y * format.width + x) * format.channels
      return UInt8(image[first..<first + format.channels].reduce(0) { $0 + Int($1) } / format.channels)
    }
    var text = ""
    for top in stride(from: 0, to: format.height, by: 2 * step) {
      for x in stride(from: 0, to: format.width, by: step) { text += cell(gray(top, x), gray(top + step, x)) }
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
