import Datasets
import ImageFiles
import Platform
import TestFiles
import TestTags
import Testing

@Suite("Cutting out the hand", .tags(.files))
struct HandTests {
  /// A gray picture of a wall with rectangles on it.
  private func picture(
    _ width: Int, _ height: Int, wall: UInt8 = 90,
    _ rectangles: [(x: Int, y: Int, width: Int, height: Int, level: UInt8)]
  ) -> Picture {
    var pixels = [UInt8](repeating: wall, count: width * height)
    for rectangle in rectangles {
      for y in rectangle.y..<rectangle.y + rectangle.height {
        for x in rectangle.x..<rectangle.x + rectangle.width { pixels[y * width + x] = rectangle.level }
      }
    }
    return Picture(width: width, height: height, channels: 1, pixels: pixels)
  }

  private func image(_ picture: Picture, _ format: ImageFormat, framing: Int? = nil) -> [UInt8] {
    ImageFitting(format, fit: .hand, framing: framing).image(of: picture)
  }

  @Test func `What stands out fills the image, but for the margin`() {
    // 32 x 32 pixels with a margin of one: 34 x 34 become 17 x 17.
    let found = picture(100, 60, [(50, 10, 32, 32, 200)])
    var expected = [UInt8](repeating: 200, count: 17 * 17)
    // Of the outermost new pixels half is wall, of the corners three quarters.
    for index in 0..<17 {
      for place in [index, 16 * 17 + index, 17 * index, 17 * index + 16] { expected[place] = 145 }
    }
    for corner in [0, 16, 16 * 17, 16 * 17 + 16] { expected[corner] = 118 }
    #expect(image(found, ImageFormat(height: 17, width: 17)) == expected)
    // The same hand elsewhere makes the same image.
    #expect(
      image(picture(100, 60, [(3, 20, 32, 32, 200)]), ImageFormat(height: 17, width: 17)) == expected)
  }

  @Test func `It is made as large as it is asked for`() {
    // Half of the side: 16 pixels in 32, which are 8 x 8.
    let format = ImageFormat(height: 8, width: 8)
    let half = image(picture(64, 64, [(24, 24, 16, 16, 250)]), format, framing: 32)
    #expect(half == (0..<64).map { (2..<6).contains($0 % 8) && (2..<6).contains($0 / 8) ? 250 : 90 })
  }

  @Test func `Spots and faint shadows are no part of it`() {
    let format = ImageFormat(height: 17, width: 17)
    let alone = image(picture(100, 60, [(50, 10, 32, 32, 200)]), format)
    #expect(
      image(picture(100, 60, [(50, 10, 32, 32, 200), (2, 2, 3, 3, 255), (10, 40, 30, 12, 105)]), format) == alone)
  }

  @Test func `Near the edge it is moved inside, and what is too long is padded with the wall`() {
    let format = ImageFormat(height: 4, width: 4)
    // 64 high and 16 wide: the square of 68 is higher than the picture, whose 64 lines are scaled to all of the image.
    let tall = image(picture(200, 64, [(100, 0, 16, 64, 10)]), format)
    // Of the two columns in the middle, 17 pixels wide, 8 are of the hand.
    #expect(tall == [90, 52, 52, 90, 90, 52, 52, 90, 90, 52, 52, 90, 90, 52, 52, 90])
    #expect(image(picture(64, 64, [(0, 0, 32, 32, 10)]), ImageFormat(height: 1, width: 1)).count == 1)
  }

  @Test func `Without anything that stands out it is the middle`() {
    let flat = picture(90, 60, [(0, 0, 1, 1, 255)])
    let format = ImageFormat(height: 6, width: 6)
    #expect(image(flat, format) == ImageFitting(format).image(of: flat))
  }

  @Test func `A hand that differs in colour alone is found for a gray input too`() {
    // Both have the same luma, 76.
    var pixels: [UInt8] = []
    for y in 0..<64 {
      for x in 0..<64 { pixels += (16..<48).contains(x) && (16..<48).contains(y) ? [254, 0, 0] : [76, 76, 76] }
    }
    let picture = Picture(width: 64, height: 64, channels: 3, pixels: pixels)
    let red = ImageFitting(ImageFormat(height: 17, width: 17, channels: 3), fit: .hand).image(of: picture)
    #expect(Array(red[3 * (8 * 17 + 8)..<3 * (8 * 17 + 8) + 3]) == [254, 0, 0])
    #expect(red.count(where: { $0 == 254 }) == 15 * 15)
  }
}

@Suite("Photographs to ask a model about", .tags(.files))
struct PhotographsTests {
  private func scratch(_ files: [String]) throws -> Scratch {
    let scratch = try Scratch()
    for file in files {
      let folder = file.split(separator: "/").dropLast().joined(separator: "/")
      if !folder.isEmpty { try Folders.make("\(scratch.path)/\(folder)") }
      _ = try scratch.file([1], name: file)
    }
    return scratch
  }

  @Test func `The nearest folder that is named like a class is the truth`() throws {
    let scratch = try scratch(["A/x.png", "B/more/y.JPG", "Z/B/z.jpeg", "Z/w.png", "C/7/v.png", "notes.txt", "u.png"])
    let found = try Photographs(folder: scratch.path + "/", classes: .signLanguageMNIST)
    #expect(
      found.files.map { String($0.path.dropFirst(scratch.path.count + 1)) }
        == ["A/x.png", "B/more/y.JPG", "C/7/v.png", "Z/B/z.jpeg", "Z/w.png", "u.png"])
    #expect(found.files.map(\.label) == [0, 1, 7, 1, nil, nil])
    #expect(found.warnings.count == 2)
    #expect(found.warnings[0].contains("/Z has not the name of a class"))
    #expect(found.warnings[1].contains("notes.txt"))
  }

  @Test func `The folder that is named counts too`() throws {
    let scratch = try scratch(["D/1.png", "D/2.png"])
    #expect(try Photographs(folder: scratch.path + "/D", classes: .signLanguageMNIST).files.map(\.label) == [3, 3])
  }

  @Test func `A folder without images, or with others, says so`() throws {
    let empty = try scratch(["notes.txt"])
    let none = #expect(throws: ImageSourceError.self) { try Photographs(folder: empty.path, classes: .numbers(2)) }
    #expect(none?.reason == .noImages)
    let others = try scratch(["a.heic", "b.webp"])
    let error = #expect(throws: ImageSourceError.self) { try Photographs(folder: others.path, classes: .numbers(2)) }
    #expect(error?.reason == .otherPictures(2, suffixes: [".heic", ".webp"]))
  }

  @Test func `A file is a photograph by its bytes or by its name`() throws {
    let scratch = try Scratch()
    let png = try scratch.file([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0], name: "no-name")
    #expect(Photographs.isPhotograph(png))
    #expect(Photographs.isPhotograph(try scratch.file("x", name: "broken.JPG")))
    #expect(Photographs.isPhotograph(try scratch.file("x", name: "phone.heic")))
    #expect(!Photographs.isPhotograph(try scratch.file("label,pixel1\n")))
    #expect(Photographs.isList(try scratch.file("path,label\n", name: "list.csv")))
  }

  @Test func `A thumbnail fits into its square`() {
    let picture = Picture(width: 30, height: 10, channels: 1, pixels: [UInt8](repeating: 9, count: 300))
    let small = picture.thumbnail(side: 6)
    #expect(small.width == 6 && small.height == 2 && small.pixels == [UInt8](repeating: 9, count: 12))
    #expect(picture.thumbnail(side: 30) == picture)
  }
}
