import Datasets
import Foundation
import ImageFiles
import TestTags
import Testing

@Suite("Fitting pictures", .tags(.files))
struct FittingTests {
  @Test(arguments: PictureGoldens.all.fitting.indices)
  func `As the definition with fractions says`(index: Int) throws {
    let golden = PictureGoldens.all.fitting[index]
    let fitting = ImageFitting(
      ImageFormat(height: golden.newHeight, width: golden.newWidth, channels: golden.channels),
      fit: try #require(.init(rawValue: golden.fit)), invert: golden.invert)
    let picture = Picture(
      width: golden.width, height: golden.height, channels: golden.channels, pixels: Array(golden.pixels))
    #expect(fitting.image(of: picture) == Array(golden.image))
  }

  @Test(arguments: ImageFitting.Fit.allCases)
  func `A gray image of the size stays byte for byte`(fit: ImageFitting.Fit) {
    let pixels = (0..<784).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let picture = Picture(width: 28, height: 28, channels: 1, pixels: pixels)
    #expect(ImageFitting(.mnist, fit: fit).image(of: picture) == pixels)
    #expect(ImageFitting(.mnist, fit: fit).image(of: picture.rgb) == pixels)
    #expect(ImageFitting(.mnist, fit: fit, invert: true).image(of: picture) == pixels.map { 255 - $0 })
  }

  @Test(arguments: ImageFitting.Fit.allCases)
  func `Pictures of extreme shapes have an image of the size`(fit: ImageFitting.Fit) {
    for (width, height) in [(1, 1), (1, 70_000), (70_000, 1), (2, 3)] {
      for channels in [1, 3] {
        let picture = Picture(
          width: width, height: height, channels: channels,
          pixels: [UInt8](repeating: 200, count: width * height * channels))
        let format = ImageFormat(height: 5, width: 28, channels: channels)
        #expect(ImageFitting(format, fit: fit).image(of: picture) == [UInt8](repeating: 200, count: format.count))
      }
    }
  }

  @Test func `It is stored by names, and read again as the same`() throws {
    let fitting = ImageFitting(ImageFormat(height: 64, width: 48, channels: 3), fit: .pad, invert: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = try encoder.encode(fitting)
    #expect(
      String(decoding: text, as: UTF8.self)
        == #"{"fit":"pad","format":{"channels":3,"height":64,"width":48},"invert":true}"#)
    #expect(try JSONDecoder().decode(ImageFitting.self, from: text) == fitting)
  }
}
