import Foundation
import SignLanguageMNIST
import TestFiles
import Testing

@Suite struct DataSetTests {
  @Test func lettersAreAToY() {
    #expect((0..<25).map { String(Letters.letter(of: $0)) }.joined() == "ABCDEFGHIJKLMNOPQRSTUVWXY")
    #expect(Letters.label(of: "a") == 0 && Letters.label(of: "Y") == 24 && Letters.label(of: "Z") == nil)
    #expect(Letters.label(of: "é") == nil && Letters.present.count == 24 && !Letters.present.contains(9))
  }

  @Test func findsTheFilesAsKaggleHasThem() throws {
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

  @Test func theBuiltInSetIsTheSameEverywhere() {
    // Pinned: a change of these bytes changes every result on the built-in set, and is a change of the program.
    let train = SyntheticSet.make(.train, rows: 256, seed: 1)
    let test = SyntheticSet.make(.test, rows: 64, seed: 1)
    #expect(fnv1a(train.labels) == 0x97cdfe12ae631221)
    #expect(fnv1a(train.pixels) == 0xe4d2b06cf7c551f6)
    #expect(fnv1a(test.pixels) == 0x5f6e65d9541b8ccd)
    #expect(SyntheticSet.make(.train, rows: 100..<107, seed: 1) == train.rows(100..<107))
    #expect(SyntheticSet.make(.train, rows: 4, seed: 2) != train.rows(0..<4))
    let counts = SyntheticSet.make(.train, rows: SyntheticSet.Part.train.defaultRows, seed: 1).letterCounts
    #expect(counts[Letters.absent] == 0 && Letters.present.allSatisfy { counts[$0] > 100 })
  }

  @Test func theBuiltInSetSurvivesItsFile() throws {
    let scratch = try Scratch()
    let table = SyntheticSet.make(.test, rows: 40, seed: 3)
    let path = try scratch.file(CSVText.header + CSVText.lines(of: table))
    #expect(try CSVFile(path: path).rows() == table)
  }

  @Test func reportsWhatIsOdd() {
    let sound = SyntheticSet.make(.train, rows: 400, seed: 1)
    let other = SyntheticSet.make(.test, rows: 400, seed: 1)
    let clean = DataReport(train: ("a", 1, "x", sound), test: ("b", 2, "y", other))
    #expect(clean.train.duplicates == 0 && clean.shared == 0 && clean.train.constantImages == 0)
    var odd = sound.rows(0..<4)
    odd.append(ImageTable(labels: [9], pixels: [UInt8](repeating: 5, count: 784)))
    odd.append(ImageTable(labels: [(sound.labels[0] + 1) % 25], pixels: Array(sound.image(0))))
    odd.append(sound.rows(1..<2))
    let report = DataReport(train: ("a", 1, "x", sound), test: ("b", 2, "y", odd))
    #expect(report.test.duplicates == 2 && report.test.conflicts == 1 && report.test.constantImages == 1)
    #expect(report.shared == 6 && report.test.letterCounts[9] == 1 && report.test.rows == 7)
    #expect(
      report.oddities.contains(
        "the test rows have 2 rows with the pixels of an earlier row, 1 of them with another letter"))
    #expect(report.lines.contains("  7 rows, 2 bytes"))
  }

  @Test(.enabled(if: realData != nil, "the real data set is not here"))
  func readsTheRealData() throws {
    let files = try DataFiles.locate(in: try #require(realData))
    // FNV-1a of the labels and pixels as NumPy's loadtxt reads them.
    let (realTrain, realTest): (UInt64, UInt64) = (0xe6d4_2f11_640a_3700, 0xe8ae_8ba5_aa7a_0925)
    let train = try CSVFile(path: files.train).rows()
    let test = try CSVFile(path: files.test).rows()
    #expect(train.count == 27455 && test.count == 7172)
    #expect(
      train.letterCounts == [
        1126, 1010, 1144, 1196, 957, 1204, 1090, 1013, 1162, 0, 1114, 1241, 1055, 1151, 1196, 1088, 1279, 1294, 1199,
        1186,
        1161, 1082, 1225, 1164, 1118,
      ])
    #expect(fnv1a(train.labels + train.pixels) == realTrain)
    #expect(fnv1a(test.labels + test.pixels) == realTest)
    for count in [3, 8] {
      let file = try CSVFile(path: files.test)
      #expect(try (0..<count).reduce(into: ImageTable()) { $0.append(try file.part($1, of: count)) } == test)
    }
  }
}
