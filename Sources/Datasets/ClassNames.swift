/// The names of the data set's classes: classes 0-24 are A-Y.
///
/// Sign Language MNIST has the 24 letters that are signed without movement. J (class 9) needs a movement and never
/// occurs, but its class is legal; Z, also a movement, has no class.
public enum ClassNames {
  /// The number of classes, A-Y.
  public static let count = 25

  /// The class of J, which is legal but does not occur in the data set.
  public static let absent = 9

  /// The classes of a complete data set: all but J.
  public static let present = (0..<count).filter { $0 != absent }

  /// The name of a class in `0 ..< count`, A-Y.
  public static func name(of label: Int) -> String {
    precondition((0..<count).contains(label), "a class is 0-24")
    return String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(label)))
  }

  /// The class with this name, A-Y in upper or lower case; nil if there is none.
  public static func label(of name: String) -> Int? {
    guard name.utf8.count == 1, let code = name.uppercased().utf8.first else { return nil }
    let label = Int(code) - Int(UInt8(ascii: "A"))
    return (0..<count).contains(label) ? label : nil
  }
}
