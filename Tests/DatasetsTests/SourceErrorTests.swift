import Datasets
import Platform
import TestFiles
import TestTags
import Testing

@Suite("Damaged, empty and foreign files are refused as a whole", .tags(.files))
struct SourceErrorTests {
  let scratch: Scratch
  let table = Sample.table(5)
  let text = Array(Sample.text(Sample.rows(5)).utf8)
  init() throws { scratch = try Scratch() }

  /// What is wrong with a file; every part of it must fail or be unaffected, and one fails.
  func error(_ bytes: [UInt8], name: String = "file") throws -> String {
    let path = try scratch.file(bytes, name: name)
    var texts: [String] = []
    do {
      let file = try RowFile(path: path)
      let rows = try #require(file.train ?? file.rows)
      var source = DataSource(rows)
      source.request.needsLabels = false
      for count in [1, 3] {
        for part in 0..<count {
          do { _ = try source.part(part, of: count) } catch {
            texts.append("\((try #require(error as? any UserError)))")
          }
        }
      }
      #expect(!texts.isEmpty, "nothing is wrong")
    } catch {
      texts.append("\((try #require(error as? any UserError)))")
    }
    let text = texts.first ?? ""
    #expect(text.hasPrefix(path))
    return String(text.dropFirst(path.count))
  }

  @Test func `Faults of gzip files`() throws {
    let packed = Packed.deflated(text)
    for length in [1, 2, 9, 10, 11, 200, packed.count - 9, packed.count - 1] {
      let found = try error(Array(packed[..<length]))
      #expect(length < 2 || found.contains("ends in the middle of its contents"), "\(length): \(found)")
    }
    for index in [packed.count / 2, packed.count - 6, packed.count - 2] {
      var damaged = packed
      damaged[index] ^= 0x55
      #expect(try error(damaged).contains("is damaged ("), "\(index)")
    }
    #expect(try error(packed + [1, 2]).contains("other bytes follow its end"))
    #expect(try error(Packed.deflated([])).contains("is empty"))
    let tar = [UInt8](repeating: 65, count: 257) + Array("ustar".utf8) + [UInt8](repeating: 65, count: 300)
    #expect(try error(Packed.deflated(tar)).contains("is a tar archive, not a CSV file"))
    #expect(try error(Packed.deflated([UInt8](repeating: 0, count: 5000))).contains("zero bytes"))
  }

  @Test func `Faults of zip archives`() throws {
    let member = [(name: "a.csv", bytes: text)]
    let archive = Packed.zip(member)
    for length in [30, 200, archive.count / 2, archive.count - 1] {
      let found = try error(Array(archive[..<length]))
      #expect(found.contains("ends in the middle of its contents"), "\(length): \(found)")
    }
    #expect(try error(Packed.zip(member, claiming: text.count + 1)).contains("its length is not the one it claims"))
    #expect(try error(Packed.zip(member, claiming: 1 << 31)).contains("expands to more than 64 GiB or 200 times"))
    #expect(try error(Packed.zip(member, flags: 1)).contains("is encrypted"))
    #expect(try error(Packed.zip(member, method: 12)).contains("is compressed by method 12"))
    #expect(try error(Packed.zip([])).contains("it has no files"))
    var damaged = archive
    damaged[60] ^= 0x55
    #expect(try error(damaged).contains("is damaged ("))
    // The directory's place in the end's record.
    var lost = archive
    lost[lost.count - 6] ^= 0x01
    #expect(try error(lost).contains("is not a sound zip archive"))
  }

  @Test func `Faults of arrays`() throws {
    let x = Packed.idx([5, 28, 28], table.pixels)
    #expect(
      try error(Packed.idx([6, 28, 28], table.pixels)).contains("has 3936 bytes, but its shape [6, 28, 28] needs 4720"))
    #expect(try error(x + [0]).contains("has 3937 bytes"))
    let huge = try error(Packed.idx([1 << 31, 1 << 31, 1 << 31], []))
    #expect(huge.contains("which no file can have"), "\(huge)")
    #expect(try error(Packed.idx([1 << 30, 28, 28], [])).contains("needs 841813590032"))
    #expect(try error(Packed.idx([0, 28, 28], [])).contains("has no rows"))
    #expect(try error(Packed.idx([4], [1, 2, 3, 4])).contains("has the shape [4], but images are"))
    #expect(try error(Packed.idx([1, 1, 1], [0, 0, 0, 0], type: 13)).contains("numbers of the type float"))
    #expect(try error(Packed.deflated(Packed.idx([6, 28, 28], table.pixels))).contains("ends in the middle"))
    #expect(try error(Packed.deflated(x + [9])).contains("has 3937 bytes"))
    #expect(try error(Packed.idx([1, 3, 3], (0..<9).map { UInt8($0) })).contains("has images of 3 x 3 gray pixels"))
    for (bytes, words) in [
      (Packed.npy("5, 28, 28", table.pixels, order: "True"), "is in Fortran order"),
      (Packed.npy("5, 28, 28", table.pixels, version: 9), "version 9 of NumPy's format"),
      (Packed.npy("1, 1", [0, 0, 0, 0], descr: "<f4"), "numbers of the type <f4"),
      (Packed.npy("1, 1", [0, 0], descr: "<i2"), "numbers of the type int16"),
      (Packed.npy("5, x", table.pixels), "its shape is not one of whole numbers"),
      (Packed.npy("99999999999999999999, 2", []), "its shape is not one of whole numbers"),
      (Packed.npy("\(1 << 62), \(1 << 62)", []), "which no file can have"),
      (Array(Packed.npy("5, 28, 28", table.pixels)[..<20]), "ends in its header"),
    ] as [([UInt8], String)] {
      #expect(try error(bytes).contains(words), "\(words)")
    }
  }

  @Test func `Labels that do not fit are told by row`() throws {
    func archive(_ y: [UInt8]) -> [UInt8] {
      Packed.zip([("x.npy", Packed.npy("5, 28, 28", table.pixels)), ("y.npy", y)])
    }
    #expect(
      try error(archive(Packed.npy("5,", [0, 1, 25, 3, 4]))).hasSuffix(
        ": the label of row 2 is 25, not one of 0-24, the 25 classes of the network"))
    let negative = Packed.npy("5,", [0, 0, 255, 255, 0, 0, 0, 0, 0, 0], descr: "<i2")
    #expect(
      try error(archive(negative)).hasSuffix(
        ": the label of row 1 is -1, not one of 0-24, the 25 classes of the network"))
    #expect(try error(archive(Packed.npy("4,", [0, 1, 2, 3]))).contains("has 4 labels, but"))
    #expect(
      try error(archive(Packed.npy("5, 10", [UInt8](repeating: 0, count: 50)))).contains("numpy.argmax(y, axis=1)"))
  }

  @Test func `Files that are not what their names say, and archives without tables, are told`() throws {
    for (name, words) in [
      ("x.npz", "is not a NumPy archive (npz): it begins otherwise"), ("x.npy", "is not a NumPy array (npy)"),
      ("train-images-idx3-ubyte", "is not an IDX file"),
    ] {
      let found = #expect(throws: ArrayFileError.self) {
        try RowFile(path: scratch.file([0, 7, 8, 9, 0, 0, 0, 1], name: name))
      }
      #expect(found?.description.contains(words) == true, "\(words)")
    }
    let pictures = #expect(throws: PackedFileError.self) {
      try RowFile(path: scratch.file(Packed.zip([("A/1.png", [1]), ("notes", [1])])))
    }
    #expect(pictures?.description.contains("it has pictures (A/1.png): unpack it, and name the folder") == true)
  }

  @Test func `Other types of numbers are told with what makes the right ones`() throws {
    let x = Packed.npy("5, 28, 28", table.pixels)
    func labels(_ shape: String, _ descr: String) throws -> String {
      try error(Packed.zip([("x.npy", x), ("y.npy", Packed.npy(shape, [0], descr: descr))]))
    }
    for descr in ["<f4", "<f8"] {
      let pixels = try error(Packed.npy("5, 28, 28", [0], descr: descr))
      #expect(pixels.contains("(255 * x).round().astype('uint8') makes them of numbers from 0 to 1"), "\(pixels)")
      let oneHot = try labels("5, 25", descr)
      #expect(oneHot.contains("y.npy") && oneHot.contains("numpy.argmax(y, axis=1)") && !oneHot.contains("pixels"))
      #expect(try labels("5,", descr).hasSuffix("y.astype('int64') makes them"))
    }
    #expect(try error(Packed.npy("1, 1", [0, 0], descr: "<i2")).contains("x.astype('uint8') makes them"))
    for descr in ["<U1", "|S5", "|O"] {
      let names = try labels("5,", descr)
      #expect(names.contains("labels must be whole numbers") && names.contains("return_inverse=True"), "\(names)")
      #expect(!names.contains("pixels"))
    }
  }

  /// A small file must not keep a machine busy: nothing is expanded beyond the limit, and next to nothing is kept.
  @Test func `What expands too much is refused`() throws {
    let zeros = Packed.deflated([UInt8](repeating: 0, count: 1 << 24))
    let many = (0..<96).reduce(into: [UInt8]()) { file, _ in file += zeros }
    let start = ContinuousClock.now
    #expect(try error(many).contains("zero bytes where text is expected"))
    #expect(ContinuousClock.now - start < .seconds(2))
    let header = Packed.deflated(Packed.idx([96 << 24, 1, 1], []))
    #expect(try error(header + many).contains("expands to more than 64 GiB or 200 times"))
  }
}
