import Datasets

/// An image as lines of text in gray, two rows of pixels per line. An image that is wider than the terminal is reduced by a
/// whole factor.
struct TerminalImage {
  /// From dark to light.
  private static let levels = Array(" .:-=+*#%@")

  private let format: ImageFormat
  private let colors: Bool
  /// The side of the square of pixels whose mean is shown.
  private let reduction: Int

  /// - Parameters:
  ///   - format: that of the images.
  ///   - colors: draw half blocks in 24-bit gray; otherwise characters of growing weight.
  ///   - columns: the most characters of a line.
  init(_ format: ImageFormat, colors: Bool, columns: Int) {
    self.format = format
    self.colors = colors
    let columns = max(1, columns)
    reduction = (format.width + columns - 1) / columns
  }

  /// The image's bytes as lines; of 28 x 28 pixels, 14 lines of 28 characters.
  func text(_ image: [UInt8]) -> String {
    let gray = reduced(image)
    let width = (format.width + reduction - 1) / reduction
    var text = ""
    for top in stride(from: 0, to: gray.count, by: 2 * width) {
      for index in top..<top + width {
        text += cell(gray[index], index + width < gray.count ? gray[index + width] : nil)
      }
      text += colors ? "\u{1B}[0m\n" : "\n"
    }
    return text
  }

  /// One character for a pixel and the one below it; that is nil below an odd last row.
  private func cell(_ upper: UInt8, _ lower: UInt8?) -> String {
    guard colors else {
      return String(Self.levels[(Int(upper) + Int(lower ?? upper)) * Self.levels.count / 512])
    }
    let background = lower.map { "48;2;\($0);\($0);\($0)" } ?? "49"
    return "\u{1B}[38;2;\(upper);\(upper);\(upper);\(background)m▀"
  }

  /// The gray levels, as means of squares of `reduction` pixels a side, or what there is of them at the right and lower edges.
  private func reduced(_ image: [UInt8]) -> [UInt8] {
    var gray: [UInt8] = []
    for top in stride(from: 0, to: format.height, by: reduction) {
      for left in stride(from: 0, to: format.width, by: reduction) {
        let rows = top..<min(top + reduction, format.height)
        let columns = left..<min(left + reduction, format.width)
        let sum = rows.reduce(0) { sum, y in columns.reduce(sum) { $0 + luma(image, format.width * y + $1) } }
        let count = rows.count * columns.count
        gray.append(UInt8((sum + count / 2) / count))
      }
    }
    return gray
  }

  /// The gray level of a pixel; of a colour its luma (Rec. 601).
  private func luma(_ image: [UInt8], _ pixel: Int) -> Int {
    let at = pixel * format.channels
    guard format.channels == 3 else { return Int(image[at]) }
    return (299 * Int(image[at]) + 587 * Int(image[at + 1]) + 114 * Int(image[at + 2]) + 500) / 1000
  }
}
