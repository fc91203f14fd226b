import Platform

/// The rows of a data set, found by the names of its files in a folder, or in one file that holds them.
public enum DataFolder {
  /// The sources of some parts of the data set at `path`, in the same order.
  ///
  /// - Throws: `DataFilesMissing` if there is no known data set; `DataSetUnclear` if a part is missing or there are several.
  public static func sources(_ parts: [DataFiles.Part], at path: String) throws -> [any RowSource] {
    if PathKind(of: path) == .file { return try sources(parts, inFile: path) }
    let missing: DataFilesMissing
    do throws(DataFilesMissing) {
      return try DataFiles.locate(parts, in: path).map { CSVRows(path: $0) }
    } catch {
      missing = error
    }
    let folder = Folders.trimmed(path)
    let found = KnownSet.places(in: folder).flatMap { place, sets in
      sets.map { set in (set: set, place: place, paths: parts.map { Self.path(of: $0, set, in: place) }) }
    }
    let whole = found.filter { !$0.paths.contains(nil) }
    guard whole.count <= 1 else {
      let names = whole.map { $0.place == folder ? $0.set.name : "\($0.set.name) in \(foreign($0.place))" }
      throw DataSetUnclear(path: path, reason: .several(names))
    }
    if let set = whole.first {
      return try zip(parts, set.paths).map { part, path in try source(part, path ?? "") }
    }
    let partly = found.filter { $0.set != KnownSet.all[0] && $0.paths.contains { $0 != nil } }
    if let set = partly.first, let part = zip(parts, set.paths).first(where: { $1 == nil })?.0 {
      throw DataSetUnclear(path: path, reason: .missing(part, of: set.set.name, names: set.set.names(part)))
    }
    throw missing
  }

  /// The files that `sources` might read.
  public static func files(at path: String) -> [String] {
    if PathKind(of: path) == .file { return [path] }
    let folder = Folders.trimmed(path)
    let own = DataFiles.Part.allCases.compactMap { DataFiles.path(of: $0, in: folder) }
    let others = KnownSet.places(in: folder).flatMap { place, sets in
      sets.flatMap { set in DataFiles.Part.allCases.compactMap { part in self.path(of: part, set, in: place) } }
    }
    return own + others.filter { !own.contains($0) }
  }

  /// The file of a part of a known set in a folder; nil if it is not there.
  static func path(of part: DataFiles.Part, _ set: KnownSet, in folder: String) -> String? {
    set.names(part).lazy.flatMap { name in ["", ".gz", ".zip"].map { "\(folder)/\(name)\($0)" } }
      .first { PathKind(of: $0) == .file }
  }

  /// The rows of a file that is named for this part.
  public static func source(_ part: DataFiles.Part, _ path: String) throws -> any RowSource {
    let file = try RowFile(path: path)
    guard let rows = part == .train ? file.forTraining : file.forTest else {
      throw DataSetUnclear(path: path, reason: .missing(part, of: "the file", names: []))
    }
    return rows
  }

  private static func sources(_ parts: [DataFiles.Part], inFile path: String) throws -> [any RowSource] {
    let file = try RowFile(path: path)
    return try parts.map { part in
      // The rows of one part must not be taken for those of the other: only a file that is asked for nothing else may not say.
      let rows = part == .train ? file.forTraining : parts == [.test] ? file.forTest : file.test
      guard let rows else { throw DataSetUnclear(path: path, reason: .missing(part, of: "the file", names: [])) }
      return rows
    }
  }
}

/// A data set of which a part is missing, or several of them.
public struct DataSetUnclear: UserError, Hashable, Sendable, CustomStringConvertible {
  /// The kinds.
  public enum Reason: Hashable, Sendable {
    /// A part is missing; with the names that it may have.
    case missing(DataFiles.Part, of: String, names: [String])
    /// There are several data sets.
    case several([String])
  }

  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// `Remedy.holdOut` or `Remedy.nameData`.
  public var remedy: Remedy? {
    if case .missing(.test, _, _) = reason { .holdOut } else { .nameData }
  }

  /// The folder or file.
  public let path: String
  /// What is unclear.
  public let reason: Reason

  /// What is wrong.
  public var description: String {
    switch reason {
    case .missing(let part, _, let names) where names.isEmpty:
      "\(foreign(path)) has no \(part == .train ? "training" : "test") rows under a known name"
        + (PathKind(of: path) == .file ? ": its rows are all of one part" : "")
    case .missing(let part, let set, let names):
      "\(foreign(path)) has \(set) without its \(part == .train ? "training" : "test") rows: there is no "
        + names.joined(separator: " or ")
    case .several(let names):
      "\(foreign(path)) has several data sets: \(names.joined(separator: ", ")); name one file each"
    }
  }
}

extension Remedy {
  /// Name test rows, or hold out a part of the training rows.
  public static let holdOut = Remedy("hold-out")
}
