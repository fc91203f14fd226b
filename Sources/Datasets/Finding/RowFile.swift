import Platform

/// The rows that a file has, by what it is: a CSV, one compressed with gzip, an array in MNIST's or NumPy's format, or an
/// archive (zip, npz) of such files.
///
/// Only the first bytes and an archive's directory are read.
public struct RowFile: Sendable {
  /// Training rows and test rows, where the file has both under names that say which they are.
  public var train: (any RowSource)?, test: (any RowSource)?
  /// The rows of a file that does not say what they are for.
  public var rows: (any RowSource)?

  /// The rows to train on, or the only ones.
  public var forTraining: (any RowSource)? { train ?? rows }
  /// The rows to test with, or the only ones.
  public var forTest: (any RowSource)? { test ?? rows }

  /// Looks at the file at `path`. What cannot be read is taken for a CSV, whose reader says what is wrong.
  public init(path: String) throws {
    let plain = PackedFile(path: path, packing: .plain)
    guard let start = try? plain.firstBytes() else {
      rows = CSVRows(path: path)
      return
    }
    switch FileKind(firstBytes: start) {
    case .gzip?: rows = try Self.rows(PackedFile(path: path, packing: .gzip))
    case .zip?, .npz?: try read(archive: path)
    default: rows = try Self.rows(plain, start: start)
    }
  }

  /// The rows of one file, which may be compressed or a member of an archive.
  private static func rows(_ file: PackedFile, start: [UInt8]? = nil) throws -> any RowSource {
    let start = try start ?? file.firstBytes()
    if start.starts(with: NPYHeader.magic) { return ArrayRows(images: file, labels: nil, kind: .npy) }
    if IDXHeader.isIDX(start) {
      let labels = IDXNames.labels(of: file.path)
      let found = labels.first { PathKind(of: $0) == .file }
      return ArrayRows(
        images: file, labels: try found.map { try packed($0) }, kind: .idx,
        missingLabels: labels.isEmpty
          ? "its name has no 'images' that 'labels' could stand for" : "there is no \(labels[0])")
    }
    if let kind = expectedKind(file, start) { throw ArrayFileError(file: file.name, reason: .notAnArray(kind)) }
    return CSVRows(file)
  }

  /// What the name of a file says that it is, where its first bytes are of no known kind; nil if it may be a CSV.
  private static func expectedKind(_ file: PackedFile, _ start: [UInt8]) -> String? {
    guard FileKind(firstBytes: start) == nil, !start.isEmpty else { return nil }
    let name = file.path.lowercased()
    if name.hasSuffix(".npz") { return "a NumPy archive (npz)" }
    if name.hasSuffix(".npy") { return "a NumPy array (npy)" }
    return ["idx3-ubyte", "idx1-ubyte", "idx3-ubyte.gz"].contains(where: name.hasSuffix) ? "an IDX file" : nil
  }

  private static func packed(_ path: String) throws -> PackedFile {
    let plain = PackedFile(path: path, packing: .plain)
    return FileKind(firstBytes: try plain.firstBytes()) == .gzip ? PackedFile(path: path, packing: .gzip) : plain
  }

  // MARK: Archives

  private mutating func read(archive path: String) throws {
    let members = try ZipArchive(path: path).members
    func packed(_ member: ZipMember) -> PackedFile { PackedFile(path: path, packing: .zip(member)) }
    if members.contains(where: { $0.name.hasSuffix(".npy") }) {
      return try read(arrays: members, path)
    }
    train = try Self.known(.train, members, path)
    test = try Self.known(.test, members, path)
    guard train == nil, test == nil else { return }
    let tables = members.filter { $0.name.lowercased().hasSuffix(".csv") }
    guard tables.count <= 1 else { throw PackedFileError(file: path, .ambiguous(tables.map(\.name))) }
    guard let table = tables.first else {
      throw PackedFileError(
        file: path, .nothingKnown(wanted: "CSV file, nor an IDX file of a known name", found: members.map(\.name)))
    }
    rows = CSVRows(packed(table))
  }

  /// The member of a known name; several copies of one file count as one.
  private static func known(_ part: DataFiles.Part, _ members: [ZipMember], _ path: String) throws -> (any RowSource)? {
    for set in KnownSet.all {
      let found = members.filter { member in set.names(part).contains(lastComponent(member.name).lowercased()) }
      guard let first = found.first else { continue }
      guard found.allSatisfy({ $0.checksum == first.checksum && $0.size == first.size }) else {
        throw PackedFileError(file: path, .ambiguous(found.map(\.name)))
      }
      let packed = PackedFile(path: path, packing: .zip(first))
      guard IDXHeader.isIDX(try packed.firstBytes()) else { return CSVRows(packed) }
      let wanted = IDXNames.labels(of: lastComponent(first.name))
      let labels = members.first { wanted.contains(lastComponent($0.name)) }
      return ArrayRows(
        images: packed, labels: labels.map { PackedFile(path: path, packing: .zip($0)) }, kind: .idx,
        missingLabels: "the archive has no \(wanted.first ?? "labels")")
    }
    return nil
  }

  private static func lastComponent(_ name: String) -> String {
    name.split(separator: "/").last.map(String.init) ?? name
  }

  /// The names that images have in NumPy's archives, in any case, and those that labels have; each pair's usual ones are at the same
  /// place. The first are those of `keras.datasets`.
  private static let imageNames = ["x", "images", "image", "data", "arr_0"]
  private static let labelNames = ["y", "labels", "label", "targets", "arr_1"]

  private mutating func read(arrays members: [ZipMember], _ path: String) throws {
    func packed(_ name: String) -> PackedFile? {
      let file = name + ".npy"
      let member = members.first { $0.name == file } ?? members.first { $0.name.lowercased() == file }
      return member.map { PackedFile(path: path, packing: .zip($0)) }
    }
    /// The rows whose arrays are named so; `full` makes `x_train` of `x`.
    func rows(_ index: Int, _ full: (String) -> String) -> (any RowSource)? {
      guard let images = packed(full(Self.imageNames[index])) else { return nil }
      let usual = full(Self.labelNames[index])
      let others = index == Self.imageNames.count - 1 ? [] : Self.labelNames.dropLast()
      return ArrayRows(
        images: images, labels: packed(usual) ?? others.compactMap { packed(full($0)) }.first, kind: .npy,
        missingLabels: "the archive has no \(usual).npy")
    }
    for index in Self.imageNames.indices where train == nil && test == nil {
      train = rows(index) { "\($0)_train" } ?? rows(index) { "train_\($0)" }
      test = rows(index) { "\($0)_test" } ?? rows(index) { "test_\($0)" }
    }
    guard train == nil, test == nil else { return }
    self.rows = Self.imageNames.indices.lazy.compactMap { index in rows(index) { $0 } }.first
    guard self.rows == nil else { return }
    let wanted = "x_train.npy and y_train.npy, x.npy and y.npy, images.npy and labels.npy, or arr_0.npy and arr_1.npy"
    throw PackedFileError(file: path, .nothingKnown(wanted: wanted, found: members.map(\.name)))
  }
}

/// The names of MNIST's files.
enum IDXNames {
  /// The names that the labels of a file of images may have: the same, and with or without `.gz`; empty if the name does not say
  /// that it is of images.
  static func labels(of path: String) -> [String] {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let (folder, name) = (path[..<slash], String(path[slash...]))
    guard name.contains("images") else { return [] }
    let labels = name.replacing("images", with: "labels").replacing("idx3", with: "idx1").replacing(
      "idx4", with: "idx1")
    let other = labels.hasSuffix(".gz") ? String(labels.dropLast(3)) : labels + ".gz"
    return [folder + labels, folder + other]
  }
}
