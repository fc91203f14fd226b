import Datasets

/// How images are made small enough for a report: by a whole factor, each pixel the rounded mean of those that it covers, in one channel
/// or three. Images of up to 64 pixels a side stay as they are.
package struct Thumbnail {
  /// The most pixels of a side.
  package static let side = 64

  /// What the images are, and what becomes of them.
  package let source: ImageFormat, format: ImageFormat
  private let factor: Int

  /// For images of that format.
  package init(of source: ImageFormat) {
    let factor = max(1, (max(source.height, source.width) + Self.side - 1) / Self.side)
    self.source = source
    self.factor = factor
    format = ImageFormat(
      height: (source.height + factor - 1) / factor, width: (source.width + factor - 1) / factor,
      channels: source.channels == 3 ? 3 : 1)
  }

  /// The small image of `source.count` pixels: `format.count` bytes.
  package func image(_ pixels: UnsafePointer<UInt8>) -> [UInt8] {
    guard format != source else { return Array(UnsafeBufferPointer(start: pixels, count: source.count)) }
    var small = [UInt8]()
    small.reserveCapacity(format.count)
    for y in 0..<format.height {
      for x in 0..<format.width {
        for channel in 0..<format.channels { small.append(mean(pixels, y, x, channel)) }
      }
    }
    return small
  }

  private func mean(_ pixels: UnsafePointer<UInt8>, _ y: Int, _ x: Int, _ channel: Int) -> UInt8 {
    let rows = y * factor..<min((y + 1) * factor, source.height)
    let columns = x * factor..<min((x + 1) * factor, source.width)
    var sum = 0
    for row in rows {
      for column in columns { sum += Int(pixels[(row * source.width + column) * source.channels + channel]) }
    }
    let count = rows.count * columns.count
    return UInt8((sum + count / 2) / count)
  }
}
