import FoundationEssentials
import Platform

extension ClassNames {
  /// The longest file that is read, and the longest name in characters.
  private static let mostBytes = 1 << 20, mostCharacters = 100

  /// The names in a file: a line for each class, class 0 first, or a JSON list of texts.
  ///
  /// - Throws: `FileError`, or a `Failure` that says what is wrong with the names.
  public init(path: String) throws {
    let bytes = try OpenFile.reading(path).firstBytes(Self.mostBytes + 1)
    func failure(_ what: String) -> Failure { Failure(.data, "\(foreign(path)): \(what)") }
    guard bytes.count <= Self.mostBytes else { throw failure("is too long for a list of classes") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let kind = FileKind(firstBytes: bytes).map { "is \($0.name)" } ?? "is no text in UTF-8"
      throw failure("\(kind), not a list of class names")
    }
    var names: [String]
    let beginning = text.drop(while: \.isWhitespace).first
    guard beginning != "{" else {
      throw failure("is a JSON object; write a list of the names, class 0 first, as [\"A\", \"B\"]")
    }
    if beginning == "[" {
      guard let list = try? JSONDecoder().decode([String].self, from: Data(bytes)) else {
        throw failure("begins as a JSON list, but is not a sound one of names in quotes, as [\"A\", \"B\"]")
      }
      names = list
    } else {
      names = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
        String($0.drop(while: \.isWhitespace))
      }
      while names.last?.isEmpty == true { names.removeLast() }
    }
    guard RowRequest.classCounts.contains(names.count) else {
      throw failure("has \(counted(names.count, "name")); a data set has 2 to 1,024 classes")
    }
    var seen: [String: Int] = [:]
    for (label, name) in names.enumerated() {
      guard !name.isEmpty else { throw failure("class \(label) has no name") }
      guard name.count <= Self.mostCharacters else { throw failure("the name of class \(label) is too long") }
      if let first = seen.updateValue(label, forKey: name) {
        throw failure("classes \(first) and \(label) have the same name, '\(foreign(name))'")
      }
    }
    self.init(names)
  }
}
