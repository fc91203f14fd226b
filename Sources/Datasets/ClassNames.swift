/// The names of the data set's classes: class 0-24 is A-Y.
///
/// Sign Language MNIST holds the 24 letters that are signed by a still hand. J (class 9) is signed with a movement and never
/// occurs, but its class exists and is legal; Z, also a movement, has no class.
public enum ClassNames {
  /// The number of classes, A-Y.
  public static let count = 25

  /// The class of J, which is legal and expected to be missing.
  public static let absent = 9

  /// The classes that a complete data set has: all but J.
  public static let present = (0..<count).filter { $0 != absent }

  /// The name of a class in `0 ..< count`: its letter.
  public static func name(of label: Int) -> String {
    precondition((0..<count).contains(label), "a class is 0-24")
    return String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(label)))
  }

  /// The class with that name, a letter A-Y in either case; nil if there is none.
  public static func label(of name: String) -> Int? {
    guard name.utf8.count == 1, let code = name.uppercased().utf8.first else { return nil }
    let label = Int(code) - Int(UInt8(ascii: "A"))
    return (0..<count).contains(label) ? label : nil
  }
}
