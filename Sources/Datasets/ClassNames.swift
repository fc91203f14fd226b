import Platform

/// The classes of a data set and their names, class 0 first.
public struct ClassNames: Hashable, Codable, Sendable {
  /// The name of each class: not empty, and each another.
  public let names: [String]
  /// Classes that are legal but never occur in the data set, and whose rows are therefore suspicious.
  public let absent: Set<Int>

  /// Classes of these names.
  public init(_ names: [String], absent: Set<Int> = []) {
    self.names = names
    self.absent = absent
  }

  /// The number of classes.
  public var count: Int { names.count }

  /// The classes that a complete data set has.
  public var present: [Int] { names.indices.filter { !absent.contains($0) } }

  /// The name of a class; its number if it is none of these.
  public func name(of label: Int) -> String {
    names.indices.contains(label) ? names[label] : String(label)
  }

  /// The class with this name; if there is none, the one that differs only in upper and lower case.
  public func label(of name: String) -> Int? {
    names.firstIndex(of: name) ?? names.firstIndex { $0.lowercased() == name.lowercased() }
  }

  /// Classes by name for a message, `A, B, C`: the first 40, and how many more.
  package func list(_ labels: [Int]) -> String {
    let shown = labels.prefix(40).map { foreign(name(of: $0)) }.joined(separator: ", ")
    return labels.count > 40 ? "\(shown) and \(labels.count - 40) more" : shown
  }

  /// The first `count` classes, with numbers for those that have no name.
  package func fitted(to count: Int) -> ClassNames {
    guard count != self.count else { return self }
    return ClassNames((0..<count).map(name(of:)), absent: absent.filter { $0 < count })
  }

  /// The names of `count` classes where nothing else is known: 25 are those of Sign Language MNIST, others are numbers.
  public static func standard(_ count: Int) -> ClassNames {
    count == signLanguageMNIST.count ? signLanguageMNIST : numbers(count)
  }

  /// Sign Language MNIST: classes 0-24 are A-Y.
  ///
  /// The data set has the 24 letters that are signed without movement. J (class 9) needs a movement and never occurs, but its
  /// class is legal; Z, also a movement, has no class.
  public static let signLanguageMNIST = ClassNames(
    (UInt8(ascii: "A")...UInt8(ascii: "Y")).map { String(Unicode.Scalar($0)) }, absent: [9])

  /// Classes named by their numbers, as those of MNIST.
  public static func numbers(_ count: Int) -> ClassNames { ClassNames((0..<count).map(String.init)) }
}
