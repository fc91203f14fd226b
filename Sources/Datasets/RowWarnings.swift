import Kernels

/// What is legal in rows but hardly meant, in words. The same for `data inspect` and for the warnings of training.
public enum RowWarnings {
  /// Rows of J, which the real set has not: often the letters were numbered anew, without it.
  public static func ofJ(_ classCounts: [Int], in name: String) -> String? {
    let rows = classCounts[ClassNames.absent]
    guard rows > 0 else { return nil }
    let isRenumbered = classCounts[ClassNames.count - 1] == 0
    return "\(name) have \(count(rows, "row")) of J (9), which the real set has not"
      + (isRenumbered
        ? "; if 24 letters were numbered 0-23, all from K on are taken for the one before: number them 0-24, leaving out 9"
        : "")
  }

  /// Rows without a pixel above 1: they were divided by 255 and rounded, or thresholded.
  public static func dark(brightest: Int, in name: String) -> String? {
    brightest > 1
      ? nil : "\(name) have no pixel above 1: pixels are 0-255 here; if they were divided by 255, multiply them by 255"
  }

  /// Letters that a network is asked for and never shown.
  public static func onlyAsked(_ asked: [Int], shown: [Int], in name: String, isHeldOut: Bool) -> String? {
    let letters = (0..<ClassNames.count).filter { asked[$0] > 0 && shown[$0] == 0 }
    guard !letters.isEmpty else { return nil }
    return "\(name) have classes that no training row has: "
      + letters.map { ClassNames.name(of: $0) }.joined(separator: ", ")
      + (isHeldOut
        ? "; the validation split takes the last rows of the file: if rows are sorted by class, shuffle the file" : "")
  }

  /// Rows that are asked for after they were shown.
  public static func shared(_ rows: Int, with name: String) -> String? {
    rows == 0 ? nil : "\(count(rows, "\(name) row")) with the pixels of a training row: accuracy will flatter"
  }

  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
