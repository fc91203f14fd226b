import TestFiles
import Platform
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

  @Test func `A table is fitted to any input, and one of the input's size is taken as it is`() throws {
    let scratch = try Scratch()
    let header = (["label"] + (1...16).map { "pixel\($0)" }).joined(separator: ",")
    let path = try scratch.file(header + "\n1," + (0..<16).map { String($0 * 10) }.joined(separator: ",") + "\n")
    func image(_ fit: ImageFitting.Fit?, _ format: ImageFormat) throws -> ImageTable {
      try FittedRows(CSVRows(path: path), fit: fit, invert: false).part(
        0, of: 1, RowRequest(format: format, classCount: 2))
    }
    // Means of 2 x 2 pixels of the square that 16 numbers are.
    let small = try image(.stretch, ImageFormat(height: 2, width: 2))
    #expect(small.pixels == [25, 45, 105, 125] && small.labels == [1])
    #expect(
      try image(.crop, ImageFormat(height: 2, width: 2, channels: 3)).pixels == small.pixels.flatMap { [$0, $0, $0] })
    #expect(try image(.crop, ImageFormat(height: 2, width: 8)).pixels == (0..<16).map { $0 * 10 })
    let error = #expect(throws: CSVError.self) { try image(nil, ImageFormat(height: 2, width: 2)) }
    #expect(error?.remedy == .fit)
    let other = FormatMismatch(source: "x", found: .mnist, wanted: ImageFormat(height: 2, width: 2))
    #expect(other.remedy == .fit)
  }
}
