import Glibc

/// An output path given by the user, whatever exists there.
///
/// A regular file is replaced atomically (`AtomicFile`) and keeps its mode and owner. A symbolic link stays, and its
/// target is written. A device or pipe is written to directly, since a rename would replace it by a file. `-` is standard
/// output. A file that is also an input is refused.
public struct OutputFile: Sendable {
  /// The name that stands for standard output.
  public static let standardOutput = "-"

  /// The output is also an input.
  public struct IsInput: UserError, Equatable, CustomStringConvertible {
    /// `FailureKind.usage`.
    public var failureKind: FailureKind { .usage }

    /// The output's path.
    public let path: String
    /// The input's path.
    public let input: String

    /// What is wrong, and what to do.
    public var description: String {
      "cannot write \(foreign(path)): \(path == input ? "it" : foreign(input)) is an input of this command; choose another output file"
    }
  }

  private enum Kind {
    case standardOutput
    /// Written through this descriptor: the process's own output already goes there, and opening the file again would
    /// overwrite it.
    case descriptor(Int32)
    /// Created, or replaced by a rename.
    case file(String)
    /// Opened and written to.
    case stream
  }

  private let path: String
  private let kind: Kind

  /// Checks the path; writes nothing.
  ///
  /// - Parameter inputs: files that are read, and must not be written.
  /// - Throws: `FileError` if the path cannot be written, `IsInput` if it is one of the inputs.
  public init(_ path: String, inputs: [String] = []) throws {
    self.path = path
    guard path != Self.standardOutput else {
      kind = .standardOutput
      return
    }
    let target = try Self.target(path)
    var status = stat()
    guard stat(target, &status) == 0 else {
      guard errno == ENOENT else { throw FileError("write", path) }
      // A new file needs a writable folder.
      let folder = Self.folder(of: target)
      guard access(folder, W_OK | X_OK) == 0 else { throw FileError("write", path) }
      kind = .file(target)
      return
    }
    for input in inputs {
      var read = stat()
      guard stat(input, &read) == 0, read.st_dev == status.st_dev, read.st_ino == status.st_ino else { continue }
      throw IsInput(path: path, input: input)
    }
    let own = [STDOUT_FILENO, STDERR_FILENO].first { descriptor in
      var open = stat()
      return fstat(descriptor, &open) == 0 && open.st_dev == status.st_dev && open.st_ino == status.st_ino
    }
    if let own, status.st_rdev == 0 || Self.isDescriptor(target) {
      kind = .descriptor(own)
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError("write", path, code: EISDIR)
    case S_IFREG where !Self.isDescriptor(target): kind = .file(target)
    case S_IFSOCK: throw FileError("write", path, code: ENXIO)
    default: kind = .stream
    }
  }

  /// Whether results go to standard output.
  public var isStandardOutput: Bool { if case .standardOutput = kind { true } else { false } }

  /// Writes the results. Waits up to ten seconds for a pipe to have a reader.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    switch kind {
    case .file(let target): try AtomicFile.replace(target, with: bytes, reportedPath: path)
    case .stream: try Self.openStream(path).write(bytes)
    case .descriptor(let number): try OpenFile.duplicate(number, path: path).write(bytes)
    case .standardOutput: try OpenFile.duplicate(STDOUT_FILENO, path: "standard output").write(bytes)
    }
  }

  private static func openStream(_ path: String) throws(FileError) -> OpenFile {
    for attempt in 0..<200 {
      do throws(FileError) {
        let file = try OpenFile(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY)
        try file.waitWhenFull()
        return file
      } catch {
        // A pipe without a reader.
        guard error.code == ENXIO, attempt < 199 else { throw error }
      }
      usleep(50_000)
    }
    throw FileError("open", path, code: ENXIO)
  }

  /// The path after following symbolic links; the last one's target need not exist.
  private static func target(_ path: String) throws(FileError) -> String {
    var target = path
    for _ in 0..<40 {
      if isDescriptor(target) { return target }
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      let count = readlink(target, &buffer, Int(PATH_MAX))
      guard count >= 0 else { return target }
      let next = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      target = next.hasPrefix("/") ? next : "\(folder(of: target))/\(next)"
    }
    throw FileError("write", path, code: ELOOP)
  }

  /// Whether a path names one of a process's open files, as /dev/stdout does: that is written to, not replaced.
  private static func isDescriptor(_ path: String) -> Bool {
    path.hasPrefix("/proc/") && path.contains("/fd/") || path.hasPrefix("/dev/fd/")
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
