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

@Suite("Tables of images fitted as pictures are", .tags(.files))
struct FittedRowsTests {
  /// Two rows of 2 x 2 gray pixels.
  private struct Rows: RowSource {
    let name = "two rows", paths: [String] = []

    func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable {
      let whole = ImageTable(
        format: ImageFormat(height: 2, width: 2), labels: [1, 0], pixels: [0, 10, 20, 30, 4, 4, 4, 4])
      return whole.rows(index * 2 / count..<(index + 1) * 2 / count)
    }
  }

  private let request = RowRequest(format: ImageFormat(height: 1, width: 1, channels: 3), classCount: 2)

  @Test func `Another format is made of them, only if that is asked for`() throws {
    let fitted = try FittedRows(Rows(), fit: .stretch, invert: false).part(0, of: 1, request)
    #expect(fitted == ImageTable(format: request.format, labels: [1, 0], pixels: [15, 15, 15, 4, 4, 4]))
    let inverted = try FittedRows(Rows(), fit: nil, invert: true).part(1, of: 2, request)
    #expect(inverted.format == ImageFormat(height: 2, width: 2) && inverted.pixels == [251, 251, 251, 251])
    #expect(try FittedRows(Rows(), fit: nil, invert: false).part(0, of: 1, request) == Rows().part(0, of: 1, request))
  }
}
