import Datasets
import Foundation
import ImageFiles
import Platform
import TestFiles
import TestTags
import Testing

@Suite("The cache of decoded rows", .tags(.files))
struct CacheTests {
  private let scratch: Scratch
  private let images: String, cache: String
  private let request = RowRequest(format: ImageFormat(height: 4, width: 4), classCount: 2)

  /// 600 images of 8 x 8: three blocks.
  init() throws {
    scratch = try Scratch()
    (images, cache) = ("\(scratch.path)/images", "\(scratch.path)/cache")
    for (name, count) in [("a", 400), ("b", 200)] {
      try Folders.make("\(images)/\(name)")
      for index in 0..<count {
        let pixels = (0..<64).map { UInt8(truncatingIfNeeded: index &* 37 &+ $0 &* 11) }
        try Data(PNGImage(pixels, ImageFormat(height: 8, width: 8)).bytes).write(
          to: URL(filePath: "\(images)/\(name)/\(index).png"))
      }
    }
  }

  private func blocks() throws -> [String] {
    let folders = try scratch.names(in: "cache")
    return try folders.flatMap { folder in
      try FileManager.default.contentsOfDirectory(atPath: "\(cache)/\(folder)").sorted().map {
        "\(cache)/\(folder)/\($0)"
      }
    }
  }

  @Test func `It gives the rows of the source, whoever wrote it and whoever reads it`() throws {
    let plain = try ImageFolderRows(images).part(0, of: 1, request)
    let source = CachedRows(ImageFolderRows(images), folder: cache)
    for count in [2, 1, 3, 5] {
      var table = ImageTable(format: request.format)
      for part in 0..<count { table.append(try source.part(part, of: count, request)) }
      #expect(table == plain, "\(count) parts")
      #expect(try blocks().count == 3)
    }
    #expect(try source.sha256 { true } == ImageFolderRows(images).sha256 { true })
  }

  @Test func `Rows are read from it, not decoded`() throws {
    let source = CachedRows(ImageFolderRows(images), folder: cache)
    let table = try source.part(0, of: 1, request)
    // A block of other pixels with its own right checksum: if it is read, they come.
    let block = try #require(try blocks().first)
    var bytes = Array(try Data(contentsOf: URL(filePath: block)))
    bytes[bytes.count - 33] ^= 1
    bytes.replaceSubrange((bytes.count - 32)..., with: SHA256Digest(of: bytes[..<(bytes.count - 32)]).bytes)
    try Data(bytes).write(to: URL(filePath: block))
    let changed = try source.part(0, of: 1, request)
    #expect(zip(changed.pixels, table.pixels).count { $0 != $1 } == 1)
  }

  @Test func `Another fitting, another size and other files are kept apart`() throws {
    let plain = try CachedRows(ImageFolderRows(images), folder: cache).part(0, of: 1, request)
    let inverted = try CachedRows(ImageFolderRows(images, invert: true), folder: cache).part(0, of: 1, request)
    #expect(inverted.pixels == plain.pixels.map { 255 - $0 })
    _ = try CachedRows(ImageFolderRows(images, fit: .pad), folder: cache).part(0, of: 1, request)
    _ = try CachedRows(ImageFolderRows(images), folder: cache)
      .part(0, of: 1, RowRequest(format: ImageFormat(height: 2, width: 2), classCount: 2))
    #expect(try scratch.names(in: "cache").count == 4)
    try Data(PNGImage([UInt8](repeating: 9, count: 64), ImageFormat(height: 8, width: 8)).bytes).write(
      to: URL(filePath: "\(images)/a/0.png"))
    let other = try CachedRows(ImageFolderRows(images), folder: cache).part(0, of: 1, request)
    #expect(other == (try ImageFolderRows(images).part(0, of: 1, request)) && other != plain)
  }

  @Test(arguments: ["cut", "empty", "flipped", "other"])
  func `A damaged block is decoded again, with one warning`(damage: String) throws {
    var base = ImageFolderRows(images)
    let warnings = Warnings()
    base.warn = { warnings.append($0) }
    let source = CachedRows(base, folder: cache)
    let table = try source.part(0, of: 1, request)
    let files = try blocks()
    let whole = try files.map { Array(try Data(contentsOf: URL(filePath: $0))) }
    for number in 0..<2 {
      var bytes = whole[number]
      switch damage {
      case "cut": bytes.removeLast()
      case "empty": bytes = []
      case "flipped": bytes[bytes.count / 2] ^= 16
      default: bytes = whole[1 - number]
      }
      try Data(bytes).write(to: URL(filePath: files[number]))
    }
    #expect(try source.part(0, of: 1, request) == table)
    #expect(warnings.texts.count == 1 && warnings.texts[0].contains("2 damaged files"))
    #expect(try files.map { Array(try Data(contentsOf: URL(filePath: $0))) } == whole)
    #expect(try source.part(0, of: 1, request) == table && warnings.texts.count == 1)
  }

  @Test func `A damaged image leaves no block with a part`() throws {
    try Data([1, 2, 3]).write(to: URL(filePath: "\(images)/b/99.png"))
    #expect(throws: ImageFileError.self) {
      try CachedRows(ImageFolderRows(images), folder: cache).part(0, of: 1, request)
    }
    #expect(try blocks().count == 2)
  }

  @Test func `A folder that cannot be written is an error with its path`() throws {
    _ = try scratch.file("", name: "cache")
    let error = try #require(throws: FileError.self) {
      try CachedRows(ImageFolderRows(images), folder: cache).part(0, of: 1, request)
    }
    #expect(error.path.hasPrefix(cache))
  }
}
