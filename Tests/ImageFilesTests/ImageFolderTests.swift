import Datasets
import Foundation
import ImageFiles
import Platform
import Synchronization
import TestFiles
import TestTags
import Testing

@Suite("Folders of images", .tags(.files))
struct ImageFolderTests {
  /// Writes gray images of one value each into a folder: the value tells where a row comes from.
  private static func write(_ images: [(name: String, value: UInt8)], in scratch: Scratch, side: Int = 28) throws {
    for (name, value) in images {
      let path = "\(scratch.path)/\(name)"
      try Folders.make(String(path[..<path.lastIndex(of: "/")!]))
      try AtomicFile.write(
        PNGImage([UInt8](repeating: value, count: side * side), ImageFormat(height: side, width: side)).bytes, to: path)
    }
  }

  private static func values(_ table: ImageTable) -> [UInt8] { (0..<table.count).map { table.image($0).first! } }

  @Test func `Classes are sorted and take turns, images come by their paths' bytes`() throws {
    let scratch = try Scratch()
    try Self.write(
      [
        ("b/2.png", 12), ("b/10.png", 11), ("a/x.png", 1), ("a/y.PNG", 2), ("a/deeper/z.png", 0), ("a/z.png", 3),
        ("space/1.jpeg", 20), ("space/.invisible.png", 99), (".ipynb_checkpoints/1.png", 99),
      ], in: scratch)
    let source = ImageFolderRows(scratch.path)
    #expect(try source.classNames() == ClassNames(["a", "b", "space"]))
    let table = try source.part(0, of: 1, RowRequest(format: .mnist, classCount: 3))
    // Places: a at 1/8, 3/8, 5/8, 7/8; b at 1/4, 3/4; space at 1/2.
    #expect(Self.values(table) == [0, 11, 1, 20, 2, 12, 3])
    #expect(table.labels == [0, 1, 0, 2, 0, 1, 0])
    #expect(source.place(ofRow: 3) == "\(scratch.path)/space/1.jpeg")
    for count in 2...9 {
      var parts = ImageTable(format: .mnist)
      for part in 0..<count {
        parts.append(try source.part(part, of: count, RowRequest(format: .mnist, classCount: 3)))
      }
      #expect(parts == table, "\(count) parts")
    }
  }

  @Test func `Numbers are sorted as numbers, and the classes of Sign Language MNIST keep theirs`() throws {
    func classes(_ names: [String]) throws -> ClassNames? {
      let scratch = try Scratch()
      for name in names { try Folders.make("\(scratch.path)/\(name)") }
      return try ImageFolderRows(scratch.path).classNames() ?? ClassNames([])
    }
    #expect(try classes((0...11).map(String.init)) == ClassNames((0...11).map(String.init)))
    let letters = ClassNames.signLanguageMNIST
    let present = letters.present.map { letters.names[$0] }
    let scratch = try Scratch()
    try Self.write(present.enumerated().map { ("\($1)/1.png", UInt8($0)) }, in: scratch)
    let source = ImageFolderRows(scratch.path)
    #expect(try source.classNames() == letters)
    let table = try source.part(0, of: 1, .signLanguageMNIST)
    #expect(table.labels == letters.present.map { UInt16($0) })
    #expect(try ImageFolderRows.named(present.map { $0.lowercased() }) == letters)
    #expect(try ImageFolderRows.named(letters.present.map(String.init)) == letters)
    #expect(try ImageFolderRows.named(Array(present.dropLast())) == ClassNames(Array(present.dropLast())))
  }

  @Test func `Pictures in formats that are not read are counted, with what to do`() throws {
    let scratch = try Scratch()
    for name in ["a/1.bmp", "a/2.BMP", "b/c/1.webp", "b/.secret.bmp", "b/notes.txt"] {
      try Folders.make("\(scratch.path)/\(name[..<name.lastIndex(of: "/")!])")
      _ = try scratch.file("x", name: name)
    }
    let error = try #require(ImageSources.unreadable(at: scratch.path + "/"))
    #expect(error.reason == .otherPictures(3, suffixes: [".bmp", ".webp"]))
    #expect(error.description.contains("find \(scratch.path) -name '*.bmp' -exec mogrify -format png"))
    try Self.write([("b/1.png", 1)], in: scratch)
    #expect(
      ImageSources.unreadable(at: scratch.path) == nil
        && ImageSources.unreadable(at: "\(scratch.path)/b/notes.txt") == nil)
  }

  @Test func `The folders of macOS are no class, and what is beside the class folders is told apart`() throws {
    let scratch = try Scratch()
    try Self.write([("a/1.png", 1), ("b/1.png", 2), ("__MACOSX/1.png", 3)], in: scratch)
    _ = try scratch.file("", name: "loose.png")
    _ = try scratch.file("", name: "notes.txt")
    let warnings = Mutex<[String]>([])
    let source = ImageFolderRows(scratch.path, warn: { text in warnings.withLock { $0.append(text) } })
    #expect(try source.part(0, of: 1, RowRequest(format: .mnist, classCount: 2)).labels == [0, 1])
    let text = try #require(warnings.withLock { $0 }.first)
    #expect(text.contains("notes.txt in \(scratch.path) is ignored: only files that end in"))
    #expect(text.hasSuffix("loose.png in \(scratch.path) is ignored: images beside the class folders are of no class"))
    try Self.write([("c/1.png", 1)], in: scratch)
    let error = try #require(throws: TooManyClasses.self) {
      try source.part(0, of: 1, RowRequest(format: .mnist, classCount: 2))
    }
    #expect(error.description.contains("has 3 classes (a, b, c), but"))
  }

  @Test func `The pictures' own sizes and colors are told`() throws {
    let scratch = try Scratch()
    try Self.write([("a/1.png", 1), ("b/1.png", 2)], in: scratch, side: 50)
    #expect(try ImageFolderRows(scratch.path).pictures() == "pictures of 50 x 50 pixels, gray")
    try AtomicFile.write(
      PNGImage([UInt8](repeating: 9, count: 60), ImageFormat(height: 4, width: 5, channels: 3)).bytes,
      to: "\(scratch.path)/b/2.png")
    #expect(
      try ImageFolderRows(scratch.path).pictures()
        == "pictures of 2 sizes, 4 x 5 to 50 x 50 pixels, 1 in color and 2 gray")
  }

  @Test func `Test images have the classes of the training images, by folders or by their names`() throws {
    let scratch = try Scratch()
    try Self.write(
      [
        ("train/A/1.png", 1), ("train/del/1.png", 2), ("train/space/1.png", 3), ("val/space/1.png", 4),
        ("test/A_test.png", 5), ("test/space_test.png", 6),
      ], in: scratch)
    let request = RowRequest(format: .mnist, classCount: 3)
    let both = try #require(try ImageSources.sources([.train, .test], at: scratch.path))
    #expect(try both[0].part(0, of: 1, request).labels == [0, 1, 2])
    #expect(try both[1].part(0, of: 1, request).labels == [2])
    let test = try #require(try ImageSources.sources([.test], at: scratch.path))
    let table = try test[0].part(0, of: 1, request)
    #expect(table.labels == [0, 2] && Self.values(table) == [5, 6])
    try Self.write([("val/other/1.png", 4)], in: scratch)
    let error = try #require(throws: ImageSourceError.self) { try both[1].part(0, of: 1, request) }
    #expect(error.reason == .unknownClass("other", known: ["A", "del", "space"]))
  }

  @Test func `Some letters keep their numbers for a network of all letters, and given classes come first`() throws {
    let scratch = try Scratch()
    try Self.write([("D/1.png", 1), ("B/1.png", 2)], in: scratch)
    var source = ImageFolderRows(scratch.path)
    let two = RowRequest(format: .mnist, classCount: 2)
    try source.giveClasses(nil, for: two)
    #expect(try source.part(0, of: 1, two).labels == [0, 1])
    try source.giveClasses(nil, for: .signLanguageMNIST)
    #expect(try source.part(0, of: 1, .signLanguageMNIST).labels == [1, 3])
    try source.giveClasses(ClassNames(["D", "C", "B"]), for: .signLanguageMNIST)
    #expect(try source.part(0, of: 1, .signLanguageMNIST).labels == [0, 2])
  }

  @Test func `Who listens hears of every image`() throws {
    let scratch = try Scratch()
    try Self.write((0..<5).map { ("a/\($0).png", 1) } + [("b/1.png", 2)], in: scratch)
    let heard = Warnings()
    var request = RowRequest(format: .mnist, classCount: 2)
    request.progress = ProgressListener { heard.append("") }
    _ = try ImageFolderRows(scratch.path).part(0, of: 1, request)
    #expect(heard.texts.count == 6)
  }

  @Test func `ASL Alphabet is found as its archive unpacks`() throws {
    let scratch = try Scratch()
    try Self.write(
      [("asl_alphabet_train/asl_alphabet_train/A/A1.jpg", 1), ("asl_alphabet_test/asl_alphabet_test/A_test.jpg", 2)],
      in: scratch)
    let folder = try #require(ImageFolder(in: scratch.path))
    #expect(folder.train == "\(scratch.path)/asl_alphabet_train/asl_alphabet_train")
    #expect(folder.test == "\(scratch.path)/asl_alphabet_test/asl_alphabet_test")
    #expect(ImageFolder(in: try Scratch().path) == nil)
  }

  @Test func `Rows without labels, too many classes and no images are errors`() throws {
    let scratch = try Scratch()
    let source = ImageFolderRows(scratch.path)
    func reason(_ request: RowRequest) throws -> ImageSourceError.Reason {
      try #require(throws: ImageSourceError.self) { try source.part(0, of: 1, request) }.reason
    }
    #expect(try reason(.signLanguageMNIST) == .noImages)
    try Self.write([("1.png", 1)], in: scratch)
    #expect(try reason(.signLanguageMNIST) == .noLabels)
    let unlabelled = RowRequest(format: .mnist, classCount: 25, needsLabels: false)
    #expect(try source.part(0, of: 1, unlabelled).hasLabels == false)
    #expect(
      try reason(RowRequest(format: ImageFormat(height: 4, width: 4, channels: 2), classCount: 2, needsLabels: false))
        == .channels(2))
    try Self.write([("a/1.png", 1), ("b/1.png", 1), ("c/1.png", 1)], in: scratch)
    #expect(throws: TooManyClasses.self) { try source.part(0, of: 1, RowRequest(format: .mnist, classCount: 2)) }
    #expect(throws: ImageSourceError.self) {
      try source.part(0, of: 1, RowRequest(format: ImageFormat(height: 1 << 24, width: 1 << 24), classCount: 3))
    }
  }

  @Test func `A damaged file is named with its path and row, and other files in one warning`() throws {
    let scratch = try Scratch()
    try Self.write((0..<20).map { ("a/\($0 + 10).png", UInt8($0)) } + [("b/1.png", 1)], in: scratch)
    _ = try scratch.file("notes", name: "a/notes.txt")
    _ = try scratch.file("notes", name: "readme.md")
    var source = ImageFolderRows(scratch.path)
    let warnings = Warnings()
    source.warn = { warnings.append($0) }
    let request = RowRequest(format: .mnist, classCount: 2)
    _ = try (0..<3).map { try source.part($0, of: 3, request) }
    #expect(warnings.texts.count == 1)
    #expect(warnings.texts.first?.contains("a/notes.txt and 1 more file") == true)
    _ = try scratch.file([0x89, 0x50, 0x4E, 0x47], name: "a/17.png")
    let error = try #require(throws: ImageFileError.self) { try source.part(0, of: 1, request) }
    #expect(error.file == "\(scratch.path)/a/17.png" && error.row == 7)
    try FileManager.default.removeItem(atPath: "\(scratch.path)/a/17.png")
    try FileManager.default.createSymbolicLink(atPath: "\(scratch.path)/a/17.png", withDestinationPath: "nowhere")
    #expect(throws: FileError.self) { try source.part(0, of: 1, request) }
  }

  @Test func `The content's hash changes with a byte, a label or an order, not with names`() throws {
    let scratch = try Scratch()
    try Self.write([("a/1.png", 1), ("b/1.png", 2)], in: scratch)
    let source = ImageFolderRows(scratch.path)
    let (hash, versions) = (try source.sha256 { true }, try source.versions())
    #expect(try source.versions() == versions)
    try FileManager.default.moveItem(atPath: "\(scratch.path)/a/1.png", toPath: "\(scratch.path)/a/7.png")
    #expect(try source.sha256 { true } == hash)
    #expect(try source.versions() != versions)
    try FileManager.default.moveItem(atPath: "\(scratch.path)/a", toPath: "\(scratch.path)/A")
    #expect(try source.sha256 { true } != hash)
    try FileManager.default.moveItem(atPath: "\(scratch.path)/A", toPath: "\(scratch.path)/a")
    try Self.write([("a/7.png", 3)], in: scratch)
    #expect(try source.sha256 { true } != hash)
  }
}

/// Warnings that a source gave.
final class Warnings: @unchecked Sendable {
  // Sendable, because the tests read parts one after another.
  private(set) var texts: [String] = []

  func append(_ text: String) { texts.append(text) }
}

extension ImageFolderRows {
  /// The classes of folders of these names.
  static func named(_ folders: [String]) throws -> ClassNames? {
    let scratch = try Scratch()
    for name in folders { try Folders.make("\(scratch.path)/\(name)/x") }
    try AtomicFile.write(
      PNGImage([UInt8](repeating: 0, count: 784), .mnist).bytes, to: "\(scratch.path)/\(folders[0])/1.png")
    return try ImageFolderRows(scratch.path).classNames()
  }
}
