import ArgumentParser

/// The height and width of images, as `64x48`; `64` is a square.
struct ImageSize: ExpressibleByArgument {
  /// Rows and columns of pixels.
  let height: Int, width: Int

  /// The sizes of a side that are taken.
  private static let sides = 1...8192

  init?(argument: String) {
    let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(sides.count), let height = sides[0], let width = sides[sides.count - 1],
      Self.sides.contains(height), Self.sides.contains(width)
    else { return nil }
    (self.height, self.width) = (height, width)
  }
}
