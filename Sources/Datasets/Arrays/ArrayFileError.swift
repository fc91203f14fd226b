import Platform

/// What is wrong with an array in a file: MNIST's IDX, or NumPy's.
public struct ArrayFileError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The file, and the archive's member in it.
  public let file: String
  /// What is wrong.
  public let reason: Reason

  /// The kinds of errors.
  public enum Reason: Error, Hashable, Sendable {
    /// The file does not begin as one of this kind does.
    case notAnArray(String)
    /// The file ends before the header does.
    case headerCutOff
    /// An unknown version of NumPy's format.
    case version(Int)
    /// NumPy's header is not one.
    case header(String)
    /// The numbers are in the order of columns.
    case fortranOrder
    /// The numbers are not of a type that is read; with its name.
    case numbers(String)
    /// The labels are no whole numbers; with the name of their type, and their shape.
    case labelNumbers(String, [Int])
    /// The shape is not that of images.
    case imageShape([Int])
    /// The shape is not that of labels.
    case labelShape([Int])
    /// There are no rows.
    case noRows
    /// The claimed shape needs another number of bytes than the file has.
    case length(found: Int, claimed: Int?, shape: [Int])
    /// The labels are of another number of rows.
    case labelCount(Int, images: Int, of: String)
    /// A row's label is not that of one of these many classes.
    case label(String, row: Int, classes: Int)
    /// There are no labels, but labels are needed.
    case noLabels(String)
  }

  /// `Remedy.holdOut` for rows without labels.
  public var remedy: Remedy? { if case .noLabels = reason { .holdOut } else { nil } }

  /// The row's number, for an error of a row: errors of several workers are ordered by it.
  public var fileOffset: Int? { if case .label(_, let row, _) = reason { row } else { nil } }

  /// The file and what is wrong.
  public var description: String { "\(foreign(file)): \(reason)" }
}

extension ArrayFileError.Reason: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .notAnArray(let kind): "is not \(kind): it begins otherwise; get it again, or name the right file"
    case .headerCutOff: "ends in its header; get it again"
    case .version(let version): "is of version \(version) of NumPy's format; versions 1 to 3 are read"
    case .header(let what): "is not a sound NumPy array: in its header, \(what)"
    case .fortranOrder: "is in Fortran order; save it as numpy.ascontiguousarray(x)"
    case .numbers(let type):
      "has numbers of the type \(foreign(type)); pixels must be uint8 (0-255)" + Self.pixelAdvice(type)
    case .labelNumbers(let type, let shape):
      "has numbers of the type \(foreign(type)) and the shape \(Self.text(shape)); labels must be whole numbers from 0, [rows]: "
        + Self.labelAdvice(type, shape)
    case .imageShape(let shape):
      "has the shape \(Self.text(shape)), but images are [rows, height, width], [rows, height, width, channels] or "
        + "[rows, pixels]"
    case .labelShape(let shape):
      "has the shape \(Self.text(shape)), but labels are [rows]; numpy.argmax(y, axis=1) makes them of one-hot rows"
    case .noRows: "has no rows; get it again"
    case .length(let found, let claimed?, let shape):
      "has \(found) bytes, but its shape \(Self.text(shape)) needs \(claimed); get it again"
    case .length(let found, nil, let shape):
      "has \(found) bytes, but claims the shape \(Self.text(shape)), which no file can have; get it again"
    case .labelCount(let labels, let images, let file):
      "has \(counted(labels, "label")), but \(foreign(file)) has \(counted(images, "image"))"
    case .label(let label, let row, let classes):
      "the label of row \(row) is \(label), not one of 0-\(classes - 1)\(Self.classes(classes))"
    case .noLabels(let wanted):
      "has no labels\(wanted.isEmpty ? "" : " (\(foreign(wanted)))"): fingerspell predict reads such a file, but training "
        + "and evaluation need labels"
    }
  }

  /// What makes pixels of numbers of another type.
  private static func pixelAdvice(_ type: String) -> String {
    if type.contains("int") { return ": x.astype('uint8') makes them of whole numbers from 0 to 255" }
    guard type.contains("f") || type == "double" else { return "" }
    return
      ": (255 * x).round().astype('uint8') makes them of numbers from 0 to 1 (as x / 255), x.round().astype('uint8') of those "
      + "from 0 to 255"
  }

  /// What makes labels of other values: of one-hot rows, of texts and objects, of numbers such as 3.0.
  private static func labelAdvice(_ type: String, _ shape: [Int]) -> String {
    if shape.count == 2, shape[1] > 1 { return "numpy.argmax(y, axis=1) makes them of one-hot rows" }
    if type.contains("U") || type.contains("S") || type.contains("O") {
      return "names, y = numpy.unique(y.astype(str), return_inverse=True) makes them of names, and the list of names"
    }
    return "y.astype('int64') makes them"
  }

  /// Whose classes these are: a network's, or as many as any data set may have.
  private static func classes(_ count: Int) -> String {
    count == RowRequest.classCounts.upperBound ? "" : ", the \(count) classes of the network"
  }

  private static func text(_ shape: [Int]) -> String { "[\(shape.map(String.init).joined(separator: ", "))]" }
}
