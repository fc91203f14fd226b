import Datasets
import TestTags
import Testing
import Training

/// Images of reports: small ones as they are, large ones by means.
@Suite("Thumbnails", .tags(.pure))
struct ThumbnailTests {
  @Test("Images of up to 64 pixels a side stay as they are")
  func same() {
    let format = ImageFormat(height: 64, width: 3, channels: 3)
    let pixels = (0..<format.count).map { UInt8($0 % 251) }
    let thumbnail = Thumbnail(of: format)
    #expect(thumbnail.format == format && thumbnail.image(pixels) == pixels)
  }

  @Test("Larger ones are reduced by a whole factor, to rounded means of what there is")
  func reduced() {
    let thumbnail = Thumbnail(of: ImageFormat(height: 2, width: 65))
    #expect(thumbnail.format == ImageFormat(height: 1, width: 33))
    let pixels = (0..<130).map { UInt8($0) }
    let small = thumbnail.image(pixels)
    // 0, 1, 65 and 66; the last column has only 64 and 129.
    #expect(small[0] == 33 && small[32] == 97 && small.count == 33)
  }

  @Test("Of other numbers of channels than 3 the first is shown")
  func channels() {
    let thumbnail = Thumbnail(of: ImageFormat(height: 1, width: 2, channels: 2))
    #expect(thumbnail.image([1, 2, 3, 4]) == [1, 3])
  }
}
