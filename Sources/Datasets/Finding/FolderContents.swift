import Platform

/// What a folder contains where the data set was expected but is incomplete: one of two files, an archive that was not
/// unpacked, files one folder too deep, dangling links, misspelled names.
///
/// Looks at the names in the folder and its subfolders, and says what each is and what to do about it.
public struct FolderContents: Hashable, Sendable {
  /// One sentence per finding; empty if nothing belongs to the data set.
  public let lines: [String]

  /// The maximum number of findings reported.
  private static let most = 8

  /// The maximum number of names read from a folder.
  private static let mostNames = 10_000

  /// The contents of `directory`.
  public init(of directory: String) {
    let directory = Folders.trimmed(directory)
    var lines: [String] = []
    switch PathKind(of: directory) {
    case nil: lines = Self.otherCase(of: directory)
    case .folder: lines = Self.traces(in: directory)
    case .file: lines = Self.line(ofFile: directory).map { [$0] } ?? []
    case .other: break
    case .danglingLink(let target): lines = ["\(directory) is a link to \(target), which does not exist"]
    case .unreadable(let why): lines = ["\(directory) cannot be read: \(why)"]
    }
    if lines.count > Self.most { lines = lines.prefix(Self.most) + ["and \(lines.count - Self.most) more"] }
    self.lines = lines.map { foreign($0) }
  }

  /// More lines for a folder that has nothing of the data set: the other sets that are known, and what it holds.
  static func withoutTraces(_ directory: String) -> String {
    let names = Folders.visibleNames(in: Folders.trimmed(directory), atMost: mostNames).sorted()
    let shown = names.prefix(most).map { foreign($0, limit: 64) }.joined(separator: ", ")
    let holds = names.isEmpty ? "nothing" : shown + (names.count > most ? " and \(names.count - most) more" : "")
    return "\nor, each also in .gz or .zip:" + KnownSet.list.dropFirst().map { "\n  \($0)" }.joined()
      + "\nor class folders of PNG or JPEG images\nthe folder holds \(holds)"
  }

  /// For a folder that does not exist: siblings with the data set whose names differ in upper and lower case only.
  private static func otherCase(of directory: String) -> [String] {
    let slash = directory.lastIndex(of: "/")
    let parent = slash.map { $0 == directory.startIndex ? "/" : String(directory[..<$0]) } ?? "."
    let name = slash.map { directory[directory.index(after: $0)...] } ?? directory[...]
    return Folders.visibleNames(in: parent, atMost: mostNames).filter { $0.lowercased() == name.lowercased() }
      .map { slash == nil ? $0 : "\(parent)/\($0)" }
      .filter { PathKind(of: $0) == .folder && !traces(in: $0).isEmpty }
      .map { "\($0) differs in upper and lower case; use that folder" }
  }

  private static func traces(in directory: String) -> [String] {
    var lines: [String] = []
    for name in Folders.visibleNames(in: directory, atMost: mostNames) {
      let path = "\(directory)/\(name)"
      let kind = PathKind(of: path)
      guard kind == .folder else {
        if let line = line(name, kind, in: directory, top: directory) { lines.append(line) }
        continue
      }
      if DataFiles.Part.allCases.allSatisfy({ DataFiles.path(of: $0, in: path) != nil }) {
        lines.append("\(path) holds the data set: use that folder, or move its files up")
        continue
      }
      let inner = Folders.visibleNames(in: path, atMost: mostNames).compactMap {
        line($0, PathKind(of: "\(path)/\($0)"), in: path, top: directory)
      }
      if inner.isEmpty, isOfTheSet(name) { lines.append("\(path) is a folder that does not contain the file") }
      lines += inner
    }
    return lines
  }

  /// The finding about a name in a folder; nil if it does not belong to the data set.
  private static func line(_ name: String, _ kind: PathKind?, in directory: String, top: String) -> String? {
    let path = "\(directory)/\(name)"
    let isArchive = [".zip", ".7z", ".tar", ".tgz", ".tar.gz", ".rar"].contains { name.lowercased().hasSuffix($0) }
    guard isOfTheSet(name) || name.lowercased().hasSuffix(".zip") || isSuchCSV(path, name, kind) else { return nil }
    switch kind {
    case nil: return nil
    case .danglingLink(let target)?: return "\(path) is a link to \(target), which does not exist"
    case .unreadable(let why)?: return "\(path) cannot be read: \(why)"
    case .other?: return "\(path) is neither a file nor a folder"
    case .folder?: return "\(path) is a folder; use the folder that holds the files"
    case .file? where isArchive:
      let unpack = name.lowercased().hasSuffix(".zip") ? ": unzip '\(path)' -d '\(directory)'" : ""
      return "\(path) is an archive; unpack it\(unpack)"
    case .file?: return self.line(ofFile: path, name: name, top: top)
    }
  }

  private static func isOfTheSet(_ name: String) -> Bool {
    let letters = name.lowercased().filter { $0.isLetter || $0.isNumber }
    return letters.contains("signmnist") || letters.contains("signlanguagemnist")
  }

  /// Whether a CSV file of another name has the data set's header, or is a dangling link.
  private static func isSuchCSV(_ path: String, _ name: String, _ kind: PathKind?) -> Bool {
    guard name.lowercased().hasSuffix(".csv") else { return false }
    if case .danglingLink = kind { return true }
    let start = String(decoding: firstBytes(of: path).prefix(32), as: UTF8.self).lowercased()
    return kind == .file && start.contains("label,pixel1,")
  }

  private static func line(ofFile path: String, name: String, top: String) -> String {
    for part in DataFiles.Part.allCases {
      if name == part.fileName {
        let isInPlace = DataFiles.candidates(name, in: top).contains(path)
        return "\(path) is a file of the data set" + (isInPlace ? "" : "; specify its path, or move it to \(top)")
      }
      if name.lowercased() == part.fileName {
        return "\(path) differs in upper and lower case; rename it to \(part.fileName), or specify its path"
      }
    }
    if let kind = self.kind(ofFile: path) { return "\(path) \(kind.complaint(.csv))" }
    return "\(path) has another name; rename it, or specify its path"
  }

  /// The finding about a file by its first bytes: another kind of file, or a CSV file; nil for anything else.
  private static func line(ofFile path: String) -> String? {
    if let kind = kind(ofFile: path) { return "\(path) \(kind.complaint(.csv))" }
    let start = String(decoding: firstBytes(of: path).prefix(32), as: UTF8.self).lowercased()
    guard start.contains("label") || start.contains("pixel") else { return nil }
    return "\(path) is a CSV file, not a folder"
  }

  private static func kind(ofFile path: String) -> FileKind? { FileKind(firstBytes: firstBytes(of: path)) }

  private static func firstBytes(of path: String) -> [UInt8] {
    guard let file = try? OpenFile.reading(path) else { return [] }
    return (try? file.firstBytes()) ?? []
  }
}
