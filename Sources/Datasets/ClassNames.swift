/// The letters of the data set: class 0-24 is A-Y.
///
/// Sign Language MNIST holds the 24 letters that are signed by a still hand. J (class 9) is signed with a movement and never
/// occurs, but its class exists and is legal; Z, also a movement, has no class.
public enum Letters {
  /// The number of classes, A-Y.
  public static let count = 25

  /// The class of J, which is legal and expected to be missing.
  public static let absent = 9

  /// The classes that a complete data set has: all but J.
  public static let present = (0..<count).filter { $0 != absent }

  /// The letter of a class in `0 ..< count`.
  public static func letter(of label: Int) -> Character {
    precondition((0..<count).contains(label), "a class is 0-24")
    return Character(Unicode.Scalar(UInt8(ascii: "A") + UInt8(label)))
  }

  /// The class of a letter A-Y in either case, or nil.
  public static func label(of letter: Character) -> Int? {
    guard let code = letter.uppercased().utf8.first, letter.isASCII else { return nil }
    let label = Int(code) - Int(UInt8(ascii: "A"))
    return (0..<count).contains(label) ? label : nil
  }
}
