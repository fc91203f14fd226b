/// The data sets that are recognised by the names of their files.
public struct KnownSet: Hashable, Sendable {
  /// The set's name.
  public let name: String
  /// The names that the files of each part may have, without `.gz` or `.zip`.
  let trainNames: [String], testNames: [String]
  /// The names of the classes.
  let classes: ClassNames
  /// How the headers of its CSVs begin, in lower case, with a label or without, where names such as `train.csv` do not tell the set.
  var headers: [String] = []

  func names(_ part: DataFiles.Part) -> [String] { part == .train ? trainNames : testNames }

  /// All of them. The first is the one that the default network is for; it is taken even if there are others in its folder.
  static let all = [
    KnownSet(
      name: "Sign Language MNIST", trainNames: [DataFiles.trainName], testNames: [DataFiles.testName],
      classes: .signLanguageMNIST),
    KnownSet(
      name: "MNIST (CSV)", trainNames: ["mnist_train.csv"], testNames: ["mnist_test.csv"], classes: .numbers(10)),
    KnownSet(
      name: "Fashion-MNIST (CSV)", trainNames: ["fashion-mnist_train.csv"], testNames: ["fashion-mnist_test.csv"],
      classes: .fashionMNIST),
    KnownSet(
      name: "MNIST or Fashion-MNIST (IDX)", trainNames: [idxName, "train-images.idx3-ubyte"],
      testNames: ["t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"], classes: .numbers(10)),
    KnownSet(name: "MNIST (npz)", trainNames: ["mnist.npz"], testNames: ["mnist.npz"], classes: .numbers(10)),
    KnownSet(
      name: "Fashion-MNIST (npz)", trainNames: ["fashion-mnist.npz", "fashion_mnist.npz"],
      testNames: ["fashion-mnist.npz", "fashion_mnist.npz"], classes: .fashionMNIST),
    KnownSet(
      name: "Kaggle's digit-recognizer", trainNames: ["train.csv"], testNames: ["test.csv"], classes: .numbers(10),
      headers: ["label,pixel0,", "pixel0,pixel1,"]),
  ]

  /// Where files of known sets are looked for in a folder: in itself, and where torchvision puts MNIST's and those of sets like it.
  static func places(in folder: String) -> [(place: String, sets: [KnownSet])] {
    let inner = ["raw"] + ["MNIST", "FashionMNIST", "KMNIST"].map { "\($0)/raw" }
    return [(folder, all)] + inner.map { ("\(folder)/\($0)", all.filter { $0.trainNames.contains(idxName) }) }
  }

  /// The set that has a file of this name, with or without `.gz` or `.zip`; nil if none has.
  static func named(_ path: String) -> KnownSet? {
    let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let plain = [".gz", ".zip"].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
    return all.first { ($0.trainNames + $0.testNames).contains(plain) }
  }

  /// The names of the classes of the set that has a file of this name; nil if none has, or the file's header is not the set's.
  static func classes(of file: PackedFile) -> ClassNames? {
    guard let set = named(file.name) else { return nil }
    if !set.headers.isEmpty {
      guard let start = try? file.firstBytes(32) else { return nil }
      let text = String(decoding: start, as: UTF8.self).lowercased().replacing("\"", with: "").replacing(
        "\u{FEFF}", with: "")
      guard set.headers.contains(where: text.hasPrefix) else { return nil }
    }
    // MNIST's files and those of Fashion-MNIST have the same names; their folders often tell.
    let folders = file.name.split(separator: "/").dropLast().suffix(2)
    let isFashion = set.trainNames.contains(idxName) && folders.contains { $0.lowercased().contains("fashion") }
    return isFashion ? .fashionMNIST : set.classes
  }

  /// The usual name of MNIST's training images.
  static let idxName = "train-images-idx3-ubyte"

  /// The sets with the names of their files, for messages.
  static var list: [String] {
    all.map { set in
      let names = set.trainNames[0] == set.testNames[0] ? [set.trainNames[0]] : [set.trainNames[0], set.testNames[0]]
      return "\(set.name): \(names.joined(separator: ", "))"
    }
  }
}

extension ClassNames {
  /// Fashion-MNIST's ten classes, by its authors' names.
  static let fashionMNIST = ClassNames([
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
  ])
}
