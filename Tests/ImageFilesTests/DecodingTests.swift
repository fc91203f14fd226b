import Foundation
import ImageFiles
import TestTags
import Testing

@Suite("Decoding pictures", .tags(.files))
struct DecodingTests {
  /// PNG exactly; JPEG within 2 of 255: another libjpeg may round its colour conversion and upsampling otherwise, and each of
  /// these by at most 1.
  @Test(arguments: PictureGoldens.names)
  func `As Pillow does`(name: String) throws {
    let golden = try #require(PictureGoldens.all.decoding[name])
    let picture = try Picture(decoding: Array(golden.file))
    try #require(picture.width == golden.width && picture.height == golden.height)
    let tolerance = golden.exact ? 0 : 2
    for (found, expected) in [(picture.rgb.pixels, golden.rgb), (picture.gray.pixels, golden.gray)] {
      try #require(found.count == expected.count)
      let worst = zip(found, expected).map { abs(Int($0) - Int($1)) }.max() ?? 0
      #expect(worst <= tolerance, "off by \(worst)")
    }
  }

  @Test func `Gray is exactly the value where red, green and blue are equal; the luma's weights add up to one`() {
    let values = (0...255).map { UInt8($0) }
    let picture = Picture(width: 256, height: 1, channels: 3, pixels: values.flatMap { [$0, $0, $0] })
    #expect(picture.gray.pixels == values)
    #expect(picture.gray.rgb == picture)
    let primaries = Picture(width: 3, height: 1, channels: 3, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255])
    #expect(primaries.gray.pixels == [76, 150, 29])
  }

  @Test(arguments: PictureGoldens.names)
  func `A file cut anywhere is an error`(name: String) throws {
    let file = Array(try #require(PictureGoldens.all.decoding[name]).file)
    for count in 0..<file.count {
      #expect(throws: PictureFault.self, "cut to \(count) of \(file.count) bytes") {
        try Picture(decoding: Array(file.prefix(count)))
      }
    }
  }

  @Test(arguments: PictureGoldens.names.filter { $0.hasPrefix("png") })
  func `A PNG with any one bit changed is an error`(name: String) throws {
    let file = Array(try #require(PictureGoldens.all.decoding[name]).file)
    for bit in 0..<8 * file.count {
      var damaged = file
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: PictureFault.self, "bit \(bit)") { try Picture(decoding: damaged) }
    }
  }

  @Test(arguments: PictureGoldens.all.refused.keys.sorted())
  func `What cannot be used is named`(name: String) throws {
    let golden = try #require(PictureGoldens.all.refused[name])
    let fault = try #require(throws: PictureFault.self) { try Picture(decoding: Array(golden.file)) }
    #expect("\(fault)".contains(golden.why), "\(fault)")
    let error = ImageFileError(file: "a/b\u{1B}.png", row: 7, fault: fault)
    #expect("\(error)".hasPrefix("a/b\\u{1B}.png "))
    #expect(error.fileOffset == 7)
  }

  @Test func `EXIF data that make no sense leave the picture upright`() throws {
    let file = Array(try #require(PictureGoldens.all.decoding["jpeg-orientation-6"]).file)
    let start = try #require(file.firstRange(of: Array("Exif\0\0".utf8))).upperBound
    let upright = try Picture(decoding: Array(try #require(PictureGoldens.all.decoding["jpeg-orientation-1"]).file))
    #expect(try Picture(decoding: file) != upright)
    // The byte order, 42, the offset of the directory, its number of entries, tag, type, and the value.
    for (offset, byte) in [(0, 0), (3, 0), (4, 255), (9, 0), (11, 0), (13, 4), (18, 1), (19, 0), (19, 9)] {
      var changed = file
      changed[start + offset] = UInt8(byte)
      #expect(try Picture(decoding: changed) == upright, "byte \(offset) as \(byte)")
    }
  }
}
