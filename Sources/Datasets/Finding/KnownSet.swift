/// The data sets that are recognised by the names of their files.
public struct KnownSet: Hashable, Sendable {
  /// The set's name.
  public let name: String
  /// The names that the files of each part may have, without `.gz` or `.zip`.
  let trainNames: [String], testNames: [String]
  /// The names of the classes; nil for their numbers.
  let classes: ClassNames?

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
      name: "MNIST or Fashion-MNIST (IDX)", trainNames: ["train-images-idx3-ubyte", "train-images.idx3-ubyte"],
      testNames: ["t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"], classes: nil),
    KnownSet(name: "MNIST (npz)", trainNames: ["mnist.npz"], testNames: ["mnist.npz"], classes: .numbers(10)),
    KnownSet(
      name: "Fashion-MNIST (npz)", trainNames: ["fashion-mnist.npz", "fashion_mnist.npz"],
      testNames: ["fashion-mnist.npz", "fashion_mnist.npz"], classes: .fashionMNIST),
    KnownSet(
      name: "Kaggle's digit-recognizer", trainNames: ["train.csv"], testNames: ["test.csv"], classes: nil),
  ]

  /// The set that has a file of this name, with or without `.gz` or `.zip`; nil if none has.
  static func named(_ path: String) -> KnownSet? {
    let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let plain = [".gz", ".zip"].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
    return all.first { ($0.trainNames + $0.testNames).contains(plain) }
  }
}

extension ClassNames {
  /// Fashion-MNIST's ten classes, by its authors' names.
  static let fashionMNIST = ClassNames([
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
  ])
}
