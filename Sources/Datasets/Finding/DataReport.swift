import Platform

/// A report on a data set, or on one file: `lines` is the text, the fields are the facts.
public struct DataReport: Hashable, Sendable {
  /// The use of a file.
  public enum Use: String, Sendable {
    case training, test
    /// Rows of unknown use.
    case rows
  }

  /// A file to examine.
  public struct Input: Sendable {
    let use: Use
    let path: String
    let bytes: Int
    let sha256: String
    let table: ImageTable
    let pictures: String?

    /// A file of `bytes` bytes with this SHA-256 in hexadecimal, and its rows.
    ///
    /// - Parameter pictures: what the pictures were that became its images, in words, if they were pictures.
    public init(_ use: Use, path: String, bytes: Int, sha256: String, table: ImageTable, pictures: String? = nil) {
      self.use = use
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
      self.table = table
      self.pictures = pictures
    }
  }

  /// The facts about one file.
  public struct File: Hashable, Sendable {
    /// The file's use.
    public var use: Use
    /// The file's path.
    public var path: String
    /// The file's size in bytes.
    public var bytes: Int
    /// The file's SHA-256 in hexadecimal.
    public var sha256: String
    /// The number of rows.
    public var rows: Int
    /// The number of rows of each class; nil if rows have no labels.
    public var classCounts: [Int]?
    /// The largest pixel.
    public var brightest: Int
    /// What its images are made of.
    public var format: ImageFormat
    /// What the pictures were that became its images, if they were pictures.
    public var pictures: String?
    /// The number of rows whose pixels are all equal.
    public var constantImages: Int
    /// The number of rows with the same pixels as an earlier row of this file.
    public var duplicates: Int
    /// The number of those whose label differs from that of the first row with their pixels.
    public var conflicts: Int

    /// Examines the rows of a file, in this number of classes.
    public init(_ input: Input, classCount: Int) {
      let table = input.table
      (use, path, bytes, sha256) = (input.use, input.path, input.bytes, input.sha256)
      rows = table.count
      format = table.format
      pictures = input.pictures
      classCounts = table.hasLabels ? table.classCounts(classCount) : nil
      brightest = Int(table.pixels.max() ?? 0)
      let seen = FirstRows(of: table)
      duplicates = seen.duplicates
      conflicts = table.hasLabels ? seen.conflicts : 0
      constantImages = (0..<table.count).count { row in
        let image = table.image(row)
        return image.allSatisfy { $0 == image.first }
      }
    }

    /// The classes without rows, except those that the data set never has.
    public func missing(_ classes: ClassNames) -> [Int] {
      classCounts.map { counts in classes.present.filter { counts[$0] == 0 } } ?? []
    }
    /// The ratio of the numbers of rows of the most and the least frequent class that occurs.
    public var imbalance: Double {
      guard let most = classCounts?.max(), let least = classCounts?.filter({ $0 > 0 }).min() else { return 1 }
      return Double(most) / Double(least)
    }
  }

  /// The names of the classes.
  public let classes: ClassNames
  /// The files, in the order given.
  public var files: [File]
  /// The number of test rows with the same pixels as a training row.
  public var shared = 0

  /// Examines the files.
  public init(_ inputs: [Input], _ classes: ClassNames = .signLanguageMNIST) {
    self.classes = classes
    files = inputs.map { File($0, classCount: classes.count) }
    guard let train = inputs.first(where: { $0.use == .training }), let test = inputs.first(where: { $0.use == .test })
    else { return }
    let seen = FirstRows(of: train.table)
    shared = (0..<test.table.count).count { seen.row(of: test.table.image($0)) != nil }
  }
}

extension DataReport {
  /// The warnings, one sentence each; empty for a data set without problems.
  public var warnings: [String] {
    let counts = { (use: Use) in files.first { $0.use == use }?.classCounts }
    var lines = files.flatMap { warnings(in: $0, $0.use == .rows ? "the rows" : "the \($0.use.rawValue) rows") }
    if let training = counts(.training), let test = counts(.test) {
      lines += [RowWarnings.unseenClasses(test, training: training, in: "the test rows", classes, isHeldOut: false)]
        .compactMap { $0 }
    }
    return lines + [RowWarnings.shared(shared, with: "test")].compactMap { $0 }
  }

  private func warnings(in file: File, _ name: String) -> [String] {
    var lines: [String] = []
    let missing = file.missing(classes)
    if !missing.isEmpty {
      lines.append("none of \(name) are of the class\(missing.count == 1 ? "" : "es") \(classes.list(missing))")
    }
    if let warning = file.classCounts.flatMap({ RowWarnings.ofAbsent($0, in: name, classes) }) { lines.append(warning) }
    if file.imbalance > 3 {
      let tenths = Int((file.imbalance * 10).rounded())
      lines.append(
        "\(name) are imbalanced: the most frequent class has \(tenths / 10).\(tenths % 10) times the rows of the rarest"
      )
    }
    if let warning = RowWarnings.dark(brightest: file.brightest, in: name) { lines.append(warning) }
    if file.constantImages > 0 {
      lines.append("\(name) have \(counted(file.constantImages, "image")) of one gray level")
    }
    if file.duplicates > 0 {
      let other = file.conflicts == 0 ? "" : ", \(file.conflicts) of them with another label"
      lines.append(
        "\(name) have \(counted(file.duplicates, "row")) with the same pixels as an earlier row\(other)")
    }
    return lines
  }

  /// The report as text.
  public var lines: [String] {
    var lines: [String] = []
    for file in files {
      lines.append("\(file.use.rawValue): \(foreign(file.path))")
      lines.append("  \(file.rows) rows, \(file.bytes) bytes" + (file.classCounts == nil ? ", no labels" : ""))
      if let pictures = file.pictures { lines.append("  \(pictures)") }
      lines.append("  \(file.pictures == nil ? "" : "read as ")images of \(file.format)")
      lines.append("  sha256 \(file.sha256)")
    }
    let labelled = files.filter { $0.classCounts != nil }
    if !labelled.isEmpty {
      lines.append(Self.nameColumn("class", classes) + labelled.map { Self.padded($0.use.rawValue) }.joined())
      for label in classes.names.indices {
        let counts = labelled.map { Self.padded(String($0.classCounts?[label] ?? 0)) }.joined()
        lines.append(Self.nameColumn(foreign(classes.name(of: label)), classes) + counts)
      }
    }
    guard !warnings.isEmpty else { return lines + ["no warnings"] }
    return lines + ["warnings:"] + warnings.map { "  \($0)" }
  }

  /// A name at the right of a column for all names.
  private static func nameColumn(_ name: String, _ classes: ClassNames) -> String {
    let width = classes.names.reduce(6) { max($0, foreign($1).count + 1) }
    return String(repeating: " ", count: max(1, width - name.count)) + name
  }

  private static func padded(_ text: String) -> String {
    String(repeating: " ", count: max(1, 10 - text.count)) + text
  }
}

/// The first row of each distinct image of a table, to find duplicates.
private struct FirstRows {
  private var rows: [ArraySlice<UInt8>: Int] = [:]
  private(set) var duplicates = 0
  private(set) var conflicts = 0

  init(of table: ImageTable) {
    rows.reserveCapacity(table.count)
    for row in 0..<table.count {
      if let first = rows.updateValue(row, forKey: table.image(row)) {
        duplicates += 1
        conflicts += table.labels[first] == table.labels[row] ? 0 : 1
        rows[table.image(row)] = first
      }
    }
  }

  func row(of image: ArraySlice<UInt8>) -> Int? { rows[image] }
}
