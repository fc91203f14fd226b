import Datasets
import Foundation
import TestFiles
import TestTags
import Testing

@Suite("Data sets are found, made and reported on", .tags(.files))
struct DataSetTests {
  @Test func `Class names are A to Y`() {
    let letters = ClassNames.signLanguageMNIST
    #expect((0..<25).map { letters.name(of: $0) }.joined() == "ABCDEFGHIJKLMNOPQRSTUVWXY")
    #expect(letters.label(of: "a") == 0 && letters.label(of: "Y") == 24 && letters.label(of: "Z") == nil)
    #expect(letters.label(of: "é") == nil && letters.present.count == 24 && !letters.present.contains(9))
  }

  @Test func `Files are found as Kaggle lays them out`() throws {
    let scratch = try Scratch()
    let missing = #expect(throws: DataFilesMissing.self) { try DataFiles.locate(in: scratch.path) }
    #expect(missing?.lookedFor.count == 6)
    #expect(missing?.description.contains("kaggle datasets download -d datamunge/sign-language-mnist") == true)
    let test = try scratch.file("", name: "sign_mnist_test.csv")
    #expect(throws: DataFilesMissing.self) { try DataFiles.locate(in: scratch.path) }
    try FileManager.default.createDirectory(
      atPath: "\(scratch.path)/sign_mnist_train", withIntermediateDirectories: false)
    let train = try scratch.file("", name: "sign_mnist_train/sign_mnist_train.csv")
    #expect(try DataFiles.locate(in: scratch.path) == DataFiles(train: train, test: test))
    let absent = #expect(throws: DataFilesMissing.self) { try DataFiles.locate(in: "\(scratch.path)/no") }
    #expect(absent?.directoryExists == false)
  }

  @Test func `Near misses in a folder are named`() throws {
    let scratch = try Scratch()
    let manager = FileManager.default
    func traces(_ make: (String) throws -> Void) throws -> [String] {
      let folder = "\(scratch.path)/data"
      try? manager.removeItem(atPath: folder)
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: false)
      try make(folder)
      return FolderContents(of: folder).lines
    }
    func file(_ path: String, _ text: String = "label,pixel1,pixel2") throws {
      try manager.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: path))
    }
    #expect(try traces { _ in } == [])
    #expect(
      try traces {
        try file("\($0)/notes.txt"); try file("\($0)/images/a.csv", "x,y"); try file("\($0)/.zip")
      } == [])
    for (name, words) in [
      ("sign_mnist_train.csv", "is a file of the data set"), ("Sign_MNIST_Test.CSV", "differs in upper and lower case"),
      ("sign_mnist_train (1).csv", "another name"), ("archive.zip", "unpack it"), ("anything.ZIP", "unpack it"),
      ("train.csv", "another name"), ("deep/archive.zip", "unpack it"),
      ("deep/sign_mnist_test.csv", "specify its path, or move it to"),
      ("sign-language-mnist.tar.gz", "unpack it"),
      ("sign_mnist_train/readme.txt", "does not contain the file"),
    ] {
      let found = try traces { try file("\($0)/\(name)") }
      #expect(found.count == 1 && found[0].contains(words), "\(name): \(found)")
    }
    let packed = try traces { try file("\($0)/sign_mnist_test.csv.gz", "\u{1F}\u{8B}") }
    #expect(packed.count == 1)
    let whole = try traces { for name in ["train", "test"] { try file("\($0)/sub/sign_mnist_\(name).csv") } }
    #expect(whole.count == 1 && whole[0].contains("use that folder"))
    let link = try traces {
      try manager.createSymbolicLink(atPath: "\($0)/sign_mnist_test.csv", withDestinationPath: "/nowhere/x")
    }
    #expect(link.count == 1 && link[0].contains("a link to /nowhere/x, which does not exist"))
    let many = try traces { for number in 0..<20 { try file("\($0)/\(number).zip") } }
    #expect(many.count == 9 && many[8] == "and 12 more")
  }

  @Test func `One file is found where only one is needed`() throws {
    let scratch = try Scratch()
    let test = try scratch.file("", name: "sign_mnist_test.csv")
    #expect(try DataFiles.locate([.test], in: scratch.path + "/") == [test])
    let missing = #expect(throws: DataFilesMissing.self) { try DataFiles.locate([.train], in: scratch.path) }
    #expect(missing?.lookedFor.count == 3 && missing?.traces.count == 1)
    let named = #expect(throws: DataFilesMissing.self) { try DataFiles.locate([.test], in: test) }
    #expect(named?.description.contains("is a file, not a folder") == true)
  }

  @Test func `The synthetic data set is the same everywhere`() {
    // Pinned: a change of these bytes changes every result on the synthetic data set, and is a change of the program.
    let train = SyntheticSet.make(.train, rows: 256, seed: 1)
    let test = SyntheticSet.make(.test, rows: 64, seed: 1)
    #expect(fnv1a(train.labels.map { UInt8($0) }) == 0x97cdfe12ae631221)
    #expect(fnv1a(train.pixels) == 0xe4d2b06cf7c551f6)
    #expect(fnv1a(test.pixels) == 0x5f6e65d9541b8ccd)
    #expect(SyntheticSet.make(.train, rows: 100..<107, seed: 1) == train.rows(100..<107))
    #expect(SyntheticSet.make(.train, rows: 4, seed: 2) != train.rows(0..<4))
    let counts = SyntheticSet.make(.train, rows: SyntheticSet.Part.train.defaultRows, seed: 1).classCounts(25)
    #expect(counts[9] == 0)
    #expect(ClassNames.signLanguageMNIST.present.allSatisfy { counts[$0] > 100 })
  }

  @Test func `The synthetic data set survives being written and read`() throws {
    let scratch = try Scratch()
    let table = SyntheticSet.make(.test, rows: 40, seed: 3)
    let path = try scratch.file(CSVText.header(.mnist) + CSVText.lines(of: table))
    #expect(try CSVFile(path: path).rows() == table)
  }

  @Test func `A report warns of duplicates, conflicts and blank images`() {
    let sound = SyntheticSet.make(.train, rows: 400, seed: 1)
    let other = SyntheticSet.make(.test, rows: 400, seed: 1)
    func report(_ train: ImageTable, _ test: ImageTable) -> DataReport {
      DataReport([
        .init(.training, path: "a", bytes: 1, sha256: "x", table: train),
        .init(.test, path: "b", bytes: 2, sha256: "y", table: test),
      ])
    }
    let clean = report(sound, other)
    #expect(clean.files[0].duplicates == 0 && clean.shared == 0 && clean.files[0].constantImages == 0)
    var odd = sound.rows(0..<4)
    odd.append(ImageTable(format: .mnist, labels: [9], pixels: [UInt8](repeating: 5, count: 784)))
    odd.append(ImageTable(format: .mnist, labels: [(sound.labels[0] + 1) % 25], pixels: Array(sound.image(0))))
    odd.append(sound.rows(1..<2))
    let found = report(sound, odd)
    let test = found.files[1]
    #expect(test.duplicates == 2 && test.conflicts == 1 && test.constantImages == 1)
    #expect(found.shared == 6 && test.classCounts?[9] == 1 && test.rows == 7)
    #expect(
      found.warnings.contains(
        "the test rows have 2 rows with the same pixels as an earlier row, 1 of them with another label"))
    #expect(found.lines.contains("  7 rows, 2 bytes"))
    let dark = ImageTable(
      format: .mnist, labels: [0, 0], pixels: sound.rows(0..<2).pixels.map { $0 / 255 }, hasLabels: false)
    let alone = DataReport([.init(.rows, path: "c", bytes: 3, sha256: "z", table: dark)])
    #expect(alone.warnings.count { $0.hasPrefix("the rows have no pixel above 1") } == 1)
    #expect(!alone.lines.contains { $0.contains("class") } && alone.lines.contains("  2 rows, 3 bytes, no labels"))
  }

  @Test func `Missing classes and dark images are warned of`() {
    let letters = ClassNames.signLanguageMNIST
    var counts = [Int](repeating: 5, count: 25)
    #expect(RowWarnings.ofAbsent(counts.enumerated().map { $0 == 9 ? 0 : $1 }, in: "rows", letters) == nil)
    #expect(RowWarnings.ofAbsent(counts, in: "rows", letters)?.contains("0-23") == false)
    counts[24] = 0
    #expect(RowWarnings.ofAbsent(counts, in: "rows", letters)?.contains("5 of rows are of the class J (9)") == true)
    #expect(RowWarnings.ofAbsent(counts, in: "rows", letters)?.contains("0-23") == true)
    let asked = [Int](repeating: 1, count: 25)
    #expect(
      RowWarnings.unseenClasses(asked, training: counts, in: "rows", letters, isHeldOut: false)
        == "rows have classes that no training row has: Y")
    #expect(RowWarnings.unseenClasses(counts, training: asked, in: "rows", letters, isHeldOut: true) == nil)
    #expect(RowWarnings.dark(brightest: 1, in: "rows") != nil && RowWarnings.dark(brightest: 2, in: "rows") == nil)
  }

  @Test(.tags(.realData), .enabled(if: realData != nil, "the real data set is not here"))
  func `The real data set is read`() throws {
    let files = try DataFiles.locate(in: try #require(realData))
    // FNV-1a of the labels and pixels as NumPy's loadtxt reads them.
    let (realTrain, realTest): (UInt64, UInt64) = (0xe6d4_2f11_640a_3700, 0xe8ae_8ba5_aa7a_0925)
    let train = try CSVFile(path: files.train).rows()
    let test = try CSVFile(path: files.test).rows()
    #expect(train.count == 27455 && test.count == 7172)
    #expect(
      train.classCounts(25) == [
        1126, 1010, 1144, 1196, 957, 1204, 1090, 1013, 1162, 0, 1114, 1241, 1055, 1151, 1196, 1088, 1279, 1294, 1199,
        1186,
        1161, 1082, 1225, 1164, 1118,
      ])
    #expect(fnv1a(train.labels.map { UInt8($0) } + train.pixels) == realTrain)
    #expect(fnv1a(test.labels.map { UInt8($0) } + test.pixels) == realTest)
    for count in [3, 8] {
      let file = try CSVFile(path: files.test)
      #expect(
        try (0..<count).reduce(into: ImageTable(format: .mnist)) { $0.append(try file.part($1, of: count)) } == test)
    }
  }
}
