import Datasets
import Platform
import TestFiles
import TestTags
import Testing

@Suite("Known data sets are found by the names of their files", .tags(.files))
struct DataFolderTests {
  let scratch: Scratch
  let text = Sample.text(Sample.rows(3))
  init() throws { scratch = try Scratch() }

  func names(_ parts: [DataFiles.Part] = DataFiles.Part.allCases) throws -> [String] {
    try DataFolder.sources(parts, at: scratch.path).map { String($0.name.dropFirst(scratch.path.count + 1)) }
  }

  @Test(arguments: [
    ["sign_mnist_train.csv", "sign_mnist_test.csv"], ["mnist_train.csv", "mnist_test.csv"],
    ["fashion-mnist_train.csv", "fashion-mnist_test.csv.gz"], ["train.csv", "test.csv"],
  ])
  func `CSV files`(files: [String]) throws {
    for name in files {
      let bytes = Array(text.utf8)
      _ = try scratch.file(name.hasSuffix(".gz") ? Packed.deflated(bytes) : bytes, name: name)
    }
    #expect(try names() == files && names([.test]) == [files[1]])
    let tables = try DataFolder.sources(DataFiles.Part.allCases, at: scratch.path).map { try $0.tableAsFound() }
    #expect(tables == [Sample.table(3), Sample.table(3)])
  }

  @Test func `A missing part is named`() throws {
    _ = try scratch.file(text, name: "mnist_train.csv")
    #expect(try names([.train]) == ["mnist_train.csv"])
    let error = #expect(throws: DataSetUnclear.self) { try names() }
    #expect(error?.reason == .missing(.test, of: "MNIST (CSV)", names: ["mnist_test.csv"]) && error?.remedy == .holdOut)
  }

  @Test func `Several sets are not chosen from, but Sign Language MNIST comes first`() throws {
    for name in ["mnist_train.csv", "mnist_test.csv", "train.csv", "test.csv"] {
      _ = try scratch.file(text, name: name)
    }
    let error = #expect(throws: DataSetUnclear.self) { try names() }
    #expect(error?.reason == .several(["MNIST (CSV)", "Kaggle's digit-recognizer"]))
    for name in ["sign_mnist_train.csv", "sign_mnist_test.csv"] { _ = try scratch.file(text, name: name) }
    #expect(try names() == ["sign_mnist_train.csv", "sign_mnist_test.csv"])
  }

  @Test func `One file is no set unless it names its parts`() throws {
    let path = try scratch.file(text, name: "some.csv")
    #expect(try DataFolder.sources([.train], at: path)[0].name == path)
    #expect(try DataFolder.sources([.test], at: path)[0].name == path)
    let error = #expect(throws: DataSetUnclear.self) { try DataFolder.sources([.train, .test], at: path) }
    #expect(error?.remedy == .holdOut)
  }

  @Test func `Classes are known by the set`() throws {
    for (name, third) in [
      ("mnist_train.csv", "2"), ("fashion-mnist_test.csv", "Pullover"), ("sign_mnist_test.csv", "C"),
    ] {
      let rows = try #require(try RowFile(path: scratch.file(text, name: name)).rows)
      #expect(try rows.classNames()?.name(of: 2) == third)
      #expect(try DataSource(rows).classNames().count == 25)
    }
    let other = DataSource(
      try #require(try RowFile(path: scratch.file(text)).rows), RowRequest(format: .mnist, classCount: 12))
    #expect(try other.classNames() == .numbers(12))
  }

  private func classes(_ parts: [DataFiles.Part] = [.train]) throws -> ClassNames? {
    try DataFolder.sources(parts, at: scratch.path)[0].classNames()
  }

  @Test func `Digits are called by their numbers, whatever their files are called`() throws {
    func image(_ label: UInt16) -> ImageTable {
      ImageTable(format: .mnist, labels: [label], pixels: [UInt8](repeating: 7, count: 784))
    }
    let header = "label," + (0..<784).map { "pixel\($0)" }.joined(separator: ",")
    _ = try scratch.file(header + "\n" + Sample.rows(10).joined(separator: "\n") + "\n", name: "train.csv")
    #expect(try classes() == .numbers(10))
    #expect(try DataSource(DataFolder.sources([.train], at: scratch.path)[0]).classNames() == .numbers(25))
    // Letters in a file of the same name are letters.
    _ = try scratch.file(text, name: "train.csv")
    #expect(try classes() == nil)
    let rows = CSVRows(path: "\(scratch.path)/train.csv")
    #expect(try rows.classNames(for: image(9)) == .numbers(10))
    #expect(
      try rows.classNames(for: image(10)) == .signLanguageMNIST && rows.classNames(for: image(25)) == .numbers(26))
  }

  @Test func `MNIST's files are found where torchvision puts them, and are Fashion-MNIST's by their folder`() throws {
    func write(_ folder: String) throws {
      try Folders.make("\(scratch.path)/\(folder)")
      for part in ["train", "t10k"] {
        _ = try scratch.file(
          Packed.idx([1, 28, 28], [UInt8](repeating: 7, count: 784)), name: "\(folder)/\(part)-images-idx3-ubyte")
        _ = try scratch.file(Packed.idx([1], [3]), name: "\(folder)/\(part)-labels-idx1-ubyte")
      }
    }
    try write("MNIST/raw")
    #expect(try names() == ["MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/t10k-images-idx3-ubyte"])
    #expect(try classes() == .numbers(10) && DataFolder.files(at: "\(scratch.path)/MNIST").count == 2)
    try write("FashionMNIST/raw")
    let error = #expect(throws: DataSetUnclear.self) { try names() }
    #expect(error?.description.contains("FashionMNIST/raw") == true)
    for folder in ["FashionMNIST", "FashionMNIST/raw"] {
      let source = try DataFolder.sources([.test], at: "\(scratch.path)/\(folder)")[0]
      #expect(try source.classNames()?.name(of: 2) == "Pullover" && source.tableAsFound().labels == [3])
    }
  }

  @Test func `A folder without a set is told with all known sets and what it holds`() throws {
    _ = try scratch.file("", name: "notes.txt")
    let error = #expect(throws: DataFilesMissing.self) { try names() }
    for words in [
      "sign_mnist_train.csv", "mnist.npz", "train-images-idx3-ubyte", "train.csv, test.csv",
      "the folder holds notes.txt",
    ] {
      #expect(error?.description.contains(words) == true, "\(words)")
    }
  }

  @Test func `Arrays are found in any case, and labels under any of their names`() throws {
    let (x, y) = (Packed.npy("5, 28, 28", Sample.table(5).pixels), Packed.npy("5,", [0, 1, 2, 3, 4]))
    for names in [
      ("X", "Y"), ("x", "Y"), ("X", "labels"), ("data", "targets"), ("Images", "Labels"), ("X_train", "Y_train"),
      ("train_X", "train_Y"),
    ] {
      let path = try scratch.file(Packed.zip([("\(names.0).npy", x), ("\(names.1).npy", y)]))
      #expect(try RowFile(path: path).forTraining?.tableAsFound() == Sample.table(5), "\(names)")
    }
  }

  @Test func `Class names are read from lines or JSON`() throws {
    let lines = try scratch.file("cat\n  dog\r\nbird\n\n", name: "names.txt")
    #expect(try ClassNames(path: lines).names == ["cat", "dog", "bird"])
    #expect(try ClassNames(path: scratch.file(" [\"a, b\", \"c\"]\n", name: "names.json")).names == ["a, b", "c"])
    for (text, words) in [
      ("one\n", "has 1 name"), ("", "has 0 names"), ("a\n\nb\n", "class 1 has no name"),
      ("a\nb\na\n", "classes 0 and 2"),
      ("[1, 2]", "names in quotes"), ("{\"0\": \"a\"}", "write a list of the names"),
      (String(repeating: "x", count: 101) + "\ny", "too long"),
      ((0..<1025).map { "c\($0)\n" }.joined(), "has 1025 names"),
    ] {
      let error = #expect(throws: Failure.self) { try ClassNames(path: scratch.file(text, name: "bad")) }
      #expect(error?.description.contains(words) == true, "\(words)")
    }
  }
}
