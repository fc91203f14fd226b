import Kernels
import Platform

/// Warnings about rows that are legal but probably a mistake. `data inspect` and training use the same texts. Each
/// function returns nil if there is nothing to warn about.
public enum RowWarnings {
  /// Rows of a class that the data set does not have, as J in Sign Language MNIST: often the classes were renumbered without it.
  public static func ofAbsent(_ classCounts: [Int], in name: String, _ classes: ClassNames) -> String? {
    guard let absent = classes.absent.sorted().first(where: { classCounts[$0] > 0 }) else { return nil }
    let rows = classCounts[absent]
    let next = classes.name(of: absent + 1)
    let isRenumbered = classCounts[classes.count - 1] == 0
    return
      "\(rows) of \(name) \(rows == 1 ? "is" : "are") of the class \(foreign(classes.name(of: absent))) (\(absent)), "
      + "which the real data set does not have"
      + (isRenumbered
        ? "; if the classes were numbered 0-\(classes.count - 2), every class from \(next) on is read as the one before "
          + "it: use 0-\(classes.count - 1) without \(absent)"
        : "")
  }

  /// Rows without a pixel above 1: probably divided by 255 and rounded, or thresholded.
  public static func dark(brightest: Int, in name: String) -> String? {
    brightest > 1
      ? nil : "\(name) have no pixel above 1: pixels must be 0-255; if they were divided by 255, multiply them by 255"
  }

  /// Classes of validation or test rows without training rows; from the numbers of rows per class.
  ///
  /// - Parameter isHeldOut: whether the rows were split off the end of the training file.
  public static func unseenClasses(
    _ tested: [Int], training: [Int], in name: String, _ classes: ClassNames, isHeldOut: Bool
  ) -> String? {
    let unseen = classes.names.indices.filter { tested[$0] > 0 && training[$0] == 0 }
    guard !unseen.isEmpty else { return nil }
    return "\(name) have classes that no training row has: " + classes.list(unseen)
      + (isHeldOut
        ? "; the validation split takes the last rows of the file: if it is sorted by class, shuffle it" : "")
  }

  /// Validation or test rows that are also training rows.
  public static func shared(_ rows: Int, with name: String) -> String? {
    rows == 0
      ? nil : "\(counted(rows, "\(name) row")) with the same pixels as a training row: accuracy will be too high"
  }

}
