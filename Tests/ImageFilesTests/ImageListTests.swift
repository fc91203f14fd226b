import Datasets
import ImageFiles
import Platform
import TestFiles
import TestTags
import Testing

@Suite("Lists of images", .tags(.files))
struct ImageListTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try Folders.make("\(scratch.path)/images")
    for value in 1...3 {
      _ = try scratch.file(
        PNGImage([UInt8](repeating: UInt8(value), count: 784), .mnist).bytes, name: "images/\(value), a.png")
    }
  }

  private func rows(_ text: String, classCount: Int = 3) throws -> ImageTable {
    let source = ImageListRows(try scratch.file(text, name: "list.csv"))
    return try source.part(0, of: 1, RowRequest(format: .mnist, classCount: classCount, needsLabels: false))
  }

  private func fault(_ text: String) throws -> (line: Int?, reason: ImageListError.Reason) {
    let error = try #require(throws: ImageListError.self) { try rows(text) }
    return (error.line, error.reason)
  }

  @Test func `Names become classes, numbers stay, and the order is the list's`() throws {
    let names = try rows("id,Label,Path\n1,b,\"images/3, a.png\"\r\n2, a ,\"images/1, a.png\"\n\n")
    #expect(names.labels == [1, 0] && names.image(0).first == 3 && names.image(1).first == 1)
    let numbers = try rows("\u{FEFF}filename,class\n\"images/2, a.png\",2\n\"images/1, a.png\",0")
    #expect(numbers.labels == [2, 0] && numbers.image(0).first == 2)
    let absolute = try rows("image\n\"\(scratch.path)/images/1, a.png\"\n")
    #expect(absolute.labels == [0] && !absolute.hasLabels)
  }

  @Test func `A list is recognised by its header`() {
    for header in [
      "path,label\n", "id,image_path,label", "File_Name,target", "label,filename",
      "\u{FEFF}\"Image\";x,class,image\nfoo",
    ] {
      #expect(ImageListRows.isList(Array(header.utf8)), "\(header)")
    }
    for header in ["label,pixel1,pixel2\n", "", "1,2,3", "\"path"] {
      #expect(!ImageListRows.isList(Array(header.utf8)))
    }
  }

  @Test func `Faults are named with their lines`() throws {
    #expect(try fault("a,b\n1,2\n") == (1, .noHeader))
    #expect(try fault("") == (nil, .noHeader))
    #expect(try fault("path,label\nx.png,a\nx.png\n") == (3, .columns(1, expected: 2)))
    #expect(try fault("path,label\n\"x\ny.png\",a\n,a\n") == (4, .noPath))
    #expect(try fault("path,label\nx.png,\n") == (2, .noLabel))
    #expect(try fault("path,label\nx.png,a\n\"x.png,a\n") == (3, .openQuote))
    #expect(try fault("PK\u{3}\u{4}") == (nil, .otherKind(.zip)))
    let missing = try #require(throws: FileError.self) { try rows("path,label\nnone.png,0\n") }
    #expect(missing.isMissing && missing.path == "\(scratch.path)/none.png (\(scratch.path)/list.csv, line 2)")
    _ = try scratch.file("no picture", name: "images/bad.png")
    let bad = try #require(throws: ImageFileError.self) {
      try rows("path,label\n\"images/1, a.png\",0\nimages/bad.png,1\n")
    }
    #expect(bad.row == 1 && bad.description.contains("images/bad.png (\(scratch.path)/list.csv, line 3)"))
    #expect(try fault("path,label\n") == (nil, .noRows))
  }

  @Test func `A list is one part, not the one to train on and the one to validate on`() throws {
    let list = try scratch.file(
      "id,image_path,target\n1,\"images/1, a.png\",a\n2,\"images/2, a.png\",b\n", name: "list.csv")
    let source = try #require(try ImageSources.sources([.train], at: list)?.first)
    #expect(try source.part(0, of: 1, RowRequest(format: .mnist, classCount: 2)).labels == [0, 1])
    let error = try #require(throws: ImageSourceError.self) { try ImageSources.sources([.train, .test], at: list) }
    #expect(error.reason == .onePart && error.remedy == .holdOut)
  }

  @Test func `Training needs a column of labels, and two classes`() throws {
    func reason(_ text: String) throws -> ImageSourceError.Reason {
      let source = ImageListRows(try scratch.file(text, name: "list.csv"))
      return try #require(throws: ImageSourceError.self) {
        try source.part(0, of: 1, RowRequest(format: .mnist, classCount: 3))
      }.reason
    }
    #expect(try reason("path\n\"images/1, a.png\"\n") == .noLabelColumn)
    #expect(try reason("path,label\n\"images/1, a.png\",a\n\"images/2, a.png\",a\n") == .oneClass("a"))
  }

  @Test func `A list to test with has the classes of the one to train on`() throws {
    let train = try scratch.file("path,label\n\"images/1, a.png\",a\n\"images/2, a.png\",b\n", name: "train.csv")
    let test = try scratch.file("path,label\n\"images/3, a.png\",b\n", name: "test.csv")
    let source = try #require(
      try ImageSources.sources([.test], at: test, training: ImageListRows(train))?.first)
    #expect(try source.part(0, of: 1, RowRequest(format: .mnist, classCount: 2)).labels == [1])
    let other = try scratch.file("path,label\n\"images/3, a.png\",c\n", name: "other.csv")
    let error = try #require(throws: ImageListError.self) {
      try ImageListRows(other, classesOf: train).part(0, of: 1, RowRequest(format: .mnist, classCount: 2))
    }
    #expect(error.line == 2 && error.reason == .unknownLabel("c", known: ["a", "b"]))
  }
}
