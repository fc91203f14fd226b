extension RowSource {
  /// All rows as they are in the source, without a network that wants them: in their own format, labels of up to 1,024 classes.
  public func tableAsFound() throws -> ImageTable {
    let most = RowRequest.classCounts.upperBound
    return try part(0, of: 1, RowRequest(format: try format() ?? .mnist, classCount: most, needsLabels: false))
  }

  /// The names of the classes of rows that were read as they are: the source's; where it knows none, and the images and
  /// labels are such as Sign Language MNIST has, that set's; otherwise numbers. At least as many as the labels need.
  public func classNames(for table: ImageTable) throws -> ClassNames {
    let needed = Int(table.labels.max() ?? 0) + 1
    if let names = try classNames() { return names.fitted(to: max(needed, names.count)) }
    let letters = ClassNames.signLanguageMNIST
    // Ten classes are digits rather than the letters A to J.
    return table.format == .mnist && needed <= letters.count && needed > 10 ? letters : .numbers(max(2, needed))
  }
}
