import Datasets
import Platform
import TestFiles
import TestTags
import Testing

@Suite("Every kind of file gives the rows of the CSV", .tags(.files))
struct SourceTests {
  let scratch: Scratch
  let table = Sample.table(13)
  let text = Array(Sample.text(Sample.rows(13)).utf8)
  init() throws { scratch = try Scratch() }

  var images: [UInt8] { Packed.idx([13, 28, 28], table.pixels) }
  var labels: [UInt8] { Packed.idx([13], table.labels.map { UInt8($0) }) }
  var bytes: [UInt8] { table.labels.map { UInt8($0) } }

  /// Whether the rows of a file are those of the table, in one part and in several.
  func check(_ rows: (any RowSource)?, _ comment: Comment, labelled: Bool = true) throws {
    var source = DataSource(try #require(rows, comment))
    source.request.needsLabels = labelled
    let expected =
      labelled
      ? table
      : ImageTable(format: .mnist, labels: [UInt16](repeating: 0, count: 13), pixels: table.pixels, hasLabels: false)
    for count in [1, 2, 3, 5, 20] {
      let parts = try (0..<count).map { try source.part($0, of: count) }
      var all = parts[0]
      for part in parts.dropFirst() { all.append(part) }
      let isSame = all == expected
      #expect(isSame, comment)
    }
  }

  @Test func `Compressed CSV files`() throws {
    let cases: [(String, [UInt8])] = [
      ("plain", text), ("gzip", Packed.deflated(text)),
      ("gzip in two parts", Packed.deflated(Array(text[..<4000])) + Packed.deflated(Array(text[4000...]))),
      ("gzip, padded", Packed.deflated(text) + [0, 0, 0]),
      ("zip", Packed.zip([("any.csv", text)])), ("stored zip", Packed.zip([("any.csv", text)], isDeflated: false)),
    ]
    for (name, bytes) in cases {
      try check(RowFile(path: scratch.file(bytes)).rows, "\(name)")
    }
  }

  @Test func `An archive's files are told apart by their names`() throws {
    let other = Array(Sample.text(Sample.rows(2)).utf8)
    let path = try scratch.file(
      Packed.zip([
        ("__MACOSX/x.csv", other), ("sign_mnist_train/sign_mnist_train.csv", text), ("sign_mnist_train.csv", text),
        ("sign_mnist_test.csv", other), ("notes/", []), ("readme.csv", other),
      ]), name: "archive.zip")
    let file = try RowFile(path: path)
    try check(file.train, "train")
    #expect(try file.test?.tableAsFound() == Sample.table(2) && file.rows == nil)
    #expect(file.train?.name == "\(path)/sign_mnist_train/sign_mnist_train.csv" && file.train?.paths == [path])
    let two = try scratch.file(Packed.zip([("a.csv", text), ("b.csv", other)]), name: "two.zip")
    #expect(throws: PackedFileError(file: two, .ambiguous(["a.csv", "b.csv"]))) { try RowFile(path: two) }
    let differing = try scratch.file(
      Packed.zip([("a/train.csv", text), ("b/train.csv", other)]), name: "differing.zip")
    #expect(throws: PackedFileError(file: differing, .ambiguous(["a/train.csv", "b/train.csv"]))) {
      try RowFile(path: differing)
    }
    let none = try scratch.file(Packed.zip([("a.txt", text)]), name: "none.zip")
    #expect(
      throws: PackedFileError(
        file: none, .nothingKnown(wanted: "CSV file, nor an IDX file of a known name", found: ["a.txt"]))
    ) {
      try RowFile(path: none)
    }
  }

  @Test func `IDX files find their labels`() throws {
    for (part, suffix, pack) in [("train", "", { $0 }), ("t10k", ".gz", { Packed.deflated($0) })]
      as [(String, String, ([UInt8]) -> [UInt8])]
    {
      let path = try scratch.file(pack(images), name: "\(part)-images-idx3-ubyte\(suffix)")
      let unlabelled = try RowFile(path: path).rows
      try check(unlabelled, "unlabelled\(suffix)", labelled: false)
      let labelsPath = "\(scratch.path)/\(part)-labels-idx1-ubyte\(suffix)"
      let missing = #expect(throws: ArrayFileError.self) { try check(unlabelled, "labels\(suffix)") }
      #expect(missing?.reason == .noLabels("there is no \(labelsPath)") && missing?.remedy == .holdOut)
      _ = try scratch.file(pack(labels), name: "\(part)-labels-idx1-ubyte\(suffix)")
      let rows = try RowFile(path: path).rows
      try check(rows, "labelled\(suffix)")
      #expect(rows?.paths == [path, labelsPath])
      let digests = try [path, labelsPath].map { try SHA256Digest(ofFile: $0) }
      #expect(try rows?.sha256 { true } == SHA256Digest(of: digests.flatMap(\.bytes)))
    }
    let archive = Packed.zip([("x/t10k-labels-idx1-ubyte", labels), ("x/t10k-images-idx3-ubyte", images)])
    try check(RowFile(path: scratch.file(archive, name: "mnist.zip")).test, "zip")
  }

  @Test func `NumPy archives`() throws {
    let wide = table.labels.flatMap { Packed.number(Int($0), 8) }
    let big = table.labels.flatMap { Array(Packed.number(Int($0), 2).reversed()) }
    let x = Packed.npy("13, 28, 28", table.pixels)
    let pairs: [(String, String, [UInt8], [UInt8])] = [
      ("x", "y", x, Packed.npy("13,", bytes)), ("images", "labels", x, Packed.npy("13,", wide, descr: "<i8")),
      (
        "arr_0", "arr_1", Packed.npy("13, 784", table.pixels, version: 2),
        Packed.npy("13, 1", big, descr: ">u2", version: 3)
      ),
      ("data", "labels", Packed.npy("13, 28, 28, 1", table.pixels), Packed.npy("13,", wide, descr: "<u8")),
    ]
    for isDeflated in [true, false] {
      for (images, labels, x, y) in pairs {
        let archive = Packed.zip([("\(images).npy", x), ("\(labels).npy", y)], isDeflated: isDeflated)
        try check(RowFile(path: scratch.file(archive)).rows, "\(images) \(isDeflated)")
      }
      let y = Packed.npy("13,", bytes)
      let both = Packed.zip(
        [("x_train.npy", x), ("y_train.npy", y), ("x_test.npy", x), ("y_test.npy", y)], isDeflated: isDeflated)
      let file = try RowFile(path: scratch.file(both))
      try check(file.train, "train")
      try check(file.test, "test")
    }
    try check(RowFile(path: scratch.file(x, name: "x.npy")).rows, "npy", labelled: false)
  }

  @Test func `A table is written as npz and read again`() throws {
    let colors = ImageTable(
      format: ImageFormat(height: 2, width: 3, channels: 3), labels: [300, 2], pixels: (0..<36).map { UInt8($0 * 7) })
    var archive = NPZWriter()
    let bytes = try archive.pieces(table, suffix: "_train") + archive.pieces(colors, suffix: "_test")
    let file = try RowFile(path: scratch.file(bytes.flatMap { $0 } + archive.end(), name: "a.npz"))
    try check(file.train, "train")
    #expect(try file.test?.tableAsFound() == colors)
    #expect(try file.test?.format() == colors.format)
  }

  @Test func `Columns of any names and images of any size`() throws {
    let format = ImageFormat(height: 3, width: 3)
    let request = RowRequest(format: format, classCount: 1024)
    let names = (0..<9).map { "p\($0)" }
    let pixels = (1...9).map(String.init)
    let headers: [(String, [String])] = [
      ("Class", ["1001"] + pixels), ("y", ["1001"] + pixels), ("LABEL", ["1001"] + pixels),
    ]
    for (label, row) in headers {
      let text = ([label] + names).joined(separator: ",") + "\n" + row.joined(separator: ",") + "\n"
      let table = try CSVFile(path: scratch.file(text), request).rows()
      #expect(table == ImageTable(format: format, labels: [1001], pixels: Array(1...9)), "\(label)")
    }
    let grid = ["x"] + (0..<9).map { "\($0 / 3 + 1)x\($0 % 3 + 1)" }
    let text = grid.joined(separator: ",") + "\n7," + pixels.joined(separator: ",") + "\n"
    #expect(try CSVFile(path: scratch.file(text), request).rows().labels == [7])
    let middle = (names[..<4] + ["target"] + names[4...]).joined(separator: ",")
    let row = (pixels[..<4] + ["12"] + pixels[4...]).joined(separator: ",")
    let table = try CSVFile(path: scratch.file("\(middle)\n\(row)\n\(row)\r\n"), request).rows()
    #expect(table.labels == [12, 12] && table.pixels == Array(1...9) + Array(1...9))
    let outOfRange = #expect(throws: CSVError.self) {
      try CSVFile(path: scratch.file("\(middle)\n\(row.replacing("12", with: "1024"))\n"), request).rows()
    }
    #expect(outOfRange?.reason == .labelOutOfRange("1024", classes: 1024) && outOfRange?.column == 5)
    let missing = #expect(throws: CSVError.self) {
      try CSVFile(path: scratch.file("label,pixel1,pixel2,pixel4\n"), request)
    }
    #expect(missing?.reason == .wrongHeader(expected: "pixel3", found: "pixel4"))
    #expect(throws: CSVError.self) { try CSVFile(path: scratch.file("label,pixel2,pixel3\n"), request) }
  }

  /// The kernel and the slow reader agree on every width, odd and even.
  @Test(arguments: [1, 2, 3, 4, 25, 27, 48, 785])
  func `Rows of any width`(count: Int) throws {
    let format = ImageFormat(height: 1, width: count)
    let request = RowRequest(format: format, classCount: 10)
    let table = ImageTable(
      format: format, labels: (0..<40).map { UInt16($0 % 10) }, pixels: (0..<40 * count).map { UInt8($0 * 37 % 256) })
    let text = CSVText.header(format) + CSVText.lines(of: table)
    let file = try CSVFile(path: scratch.file(text), request)
    #expect(try file.rows() == table)
    for blockBytes in [7, 100] { #expect(try file.part(0, of: 1, blockBytes: blockBytes) == table) }
    let slow = String(decoding: text, as: UTF8.self).replacing("\n", with: ".0\n").replacing(
      "\(count).0\n", with: "\(count)\n")
    #expect(try CSVFile(path: scratch.file(slow), request).rows() == table)
    let bad = String(decoding: text, as: UTF8.self).dropLast() + "9999\n"
    let error = #expect(throws: CSVError.self) { try CSVFile(path: scratch.file(String(bad)), request).rows() }
    #expect(error?.line == 41 && error?.column == count + 1)
  }
}
