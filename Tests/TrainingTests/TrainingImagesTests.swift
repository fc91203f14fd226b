import Communication
import Datasets
import TestTags
import Testing
import Training

@Suite("What the training images look like", .tags(.threads))
struct TrainingImagesTests {
  private static let rows = 600

  /// What some workers find in drawn hands, each in its part.
  private func collected(workers: Int, rows: Int = rows) throws -> [TrainingImages?] {
    try ThreadGroup.run(workers: workers) { communicator in
      let table = try RowTable.load(.synthetic(.train, rows: rows, seed: 1), communicator, shared: true)
      return try TrainingImages.collected(from: table, table.shard, communicator)
    }
  }

  @Test func `Any number of workers finds the same, to the bit`() throws {
    let alone = try #require(try collected(workers: 1)[0])
    #expect(alone.rows == Self.rows && alone.width == 28 && alone.height == 28)
    for workers in [2, 3, 5] {
      for found in try collected(workers: workers) { #expect(found?.text == alone.text) }
    }
  }

  @Test func `The mean image is the mean, and too few rows say nothing`() throws {
    let alone = try #require(try collected(workers: 1)[0])
    let table = try DataSource.synthetic(.train, rows: Self.rows, seed: 1).table(needsLabels: true)
    for pixel in [0, 399, 783] {
      let sum = (0..<Self.rows).reduce(0) { $0 + Int(table.pixels[$1 * 784 + pixel]) }
      #expect(Int(alone.meanPixels[pixel]) == (sum + Self.rows / 2) / Self.rows)
    }
    for found in try collected(workers: 2, rows: 63) { #expect(found == nil) }
  }

  @Test func `Images like them pass, and others are told with what is odd`() throws {
    let images = try #require(try collected(workers: 1)[0])
    let test = try DataSource.synthetic(.test, rows: 300, seed: 1).table(needsLabels: true)
    let odd = (0..<300).count { images.differences(of: Array(test.image($0)), .mnist) != [] }
    #expect(odd <= 6)
    let black = try #require(images.differences(of: [UInt8](repeating: 0, count: 784), .mnist))
    #expect(black.contains("much darker") && black.count <= 3)
    let noise = (0..<784).map { UInt8(truncatingIfNeeded: ($0 &* 7919) ^ ($0 &* $0 &* 31)) }
    #expect(images.differences(of: noise, .mnist)?.contains("much more fine detail or noise") == true)
    let inverted = Array(test.image(0)).map { 255 - $0 }
    #expect(images.differences(of: inverted, .mnist)?.isEmpty == false)
    #expect(images.differences(of: [UInt8](repeating: 0, count: 25), ImageFormat(height: 5, width: 5)) == nil)
  }

  @Test func `It is stored as text, and what is no such text is nothing`() throws {
    let images = try #require(try collected(workers: 1)[0])
    #expect(TrainingImages(text: images.text) == images)
    #expect(images.text.utf8.count < 2048)
    for (good, bad) in [
      ("\"rows\":600", "\"rows\":1"), ("\"width\":28", "\"width\":33"), ("\"width\":28", "\"width\":27"),
      ("\"height\":28", "\"height\":-28"), ("\"edge\":", "\"edge\":-"), ("\"sums\":[", "\"sums\":[1,"),
    ] {
      let text = images.text.replacing(good, with: bad)
      #expect(text != images.text && TrainingImages(text: text) == nil, "\(bad)")
    }
    for text in [nil, "", "{}", "[]", "null", String(repeating: "[", count: 1 << 16)] as [String?] {
      #expect(TrainingImages(text: text) == nil)
    }
    // Sums that no rows have, with which nothing can be said, are no crash.
    let absurd = images.text.replacing("\"products\":[", with: "\"products\":[-9223372036854775807,").replacing(
      /,\d+\],"rows"/, with: "],\"rows\"")
    if let read = TrainingImages(text: absurd) {
      #expect(read.differences(of: [UInt8](repeating: 0, count: 784), .mnist) == nil)
    }
  }

  @Test func `Large images and colours are reduced to a small gray mean`() throws {
    let format = ImageFormat(height: 70, width: 40, channels: 3)
    let count = 80
    let pixels = (0..<count * format.count).map { UInt8(truncatingIfNeeded: $0 / 3 &* 37 + $0 / format.count) }
    struct Rows: RowSource {
      var name: String { "rows" }
      var paths: [String] { [] }
      let table: ImageTable
      func part(_ index: Int, of count: Int, _ request: RowRequest) -> ImageTable {
        table.rows(index * table.count / count..<(index + 1) * table.count / count)
      }
    }
    let table = ImageTable(format: format, labels: [UInt16](repeating: 1, count: count), pixels: pixels)
    let source = DataSource(Rows(table: table), RowRequest(format: format, classCount: 2))
    let found = try ThreadGroup.run(workers: 2) { communicator in
      let rows = try RowTable.load(source, communicator, shared: true)
      return try TrainingImages.collected(from: rows, rows.shard, communicator)
    }
    let images = try #require(found[0])
    #expect(images.width == 14 && images.height == 24 && found[1] == images)
    #expect(images.differences(of: Array(table.image(3)), format) != nil)
  }
}

extension TrainingImages {
  /// In what one image is unlike them.
  fileprivate func differences(of image: [UInt8], _ format: ImageFormat) -> [String]? {
    TrainingImageComparison(self, format)?.differences(of: image)
  }
}
