import Platform

/// Where rows come from: a file of any kind, a folder, or a rule that draws them.
///
/// A source is a small value that names what it reads; nothing is read before `part`. All workers hold an equal value, each reads
/// its own part, and the parts, concatenated in their order, are the rows, the same for every number of parts. An error that is
/// about a place in a file says so (`UserError.fileOffset`), so that all workers can report the first one.
public protocol RowSource: Sendable {
  /// The source's name in messages and in run.json: what the user gave.
  var name: String { get }

  /// The paths of the files that it reads, in an order that all workers know; empty if it reads none.
  var paths: [String] { get }

  /// Whether the rows are drawn by this program and say nothing about real images.
  var isSynthetic: Bool { get }

  /// The names of the classes, where the source knows them.
  func classNames() throws -> ClassNames?

  /// What the images of the source are, as far as it says; nil if any format may be requested, or nothing is known.
  func format() throws -> ImageFormat?

  /// Reads part `index` of `count` of the rows.
  ///
  /// The table has the requested format, or, if the source holds images of another, its own: then the request's owner decides.
  /// Every label is below `request.classCount`. Rows without labels are an error if `request.needsLabels`.
  func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable

  /// The place of a row, counted from 0, for messages: `FILE, line 7`.
  func place(ofRow row: Int) -> String

  /// How rows, counted from 0, are found in the source, as a clause: `Row r is line r + 2 of FILE`; nil if there is nothing
  /// to find.
  var numbering: String? { get }

  /// The identity and state of what it reads, which must not change while it is read: by default that of `paths`.
  func versions() throws(FileError) -> [FileVersion]

  /// The SHA-256 of what it reads as the user has it: of its only file, or of the checksums of its files in their order; nil if
  /// it reads nothing. The run's identity keeps it.
  ///
  /// - Parameter isWanted: called now and then; once it returns false, the result no longer matters.
  func sha256(isWanted: () -> Bool) throws(FileError) -> SHA256Digest?
}

extension RowSource {
  /// false by default.
  public var isSynthetic: Bool { false }
  /// nil by default: not known.
  public func classNames() throws -> ClassNames? { nil }
  /// nil by default: not known.
  public func format() throws -> ImageFormat? { nil }
  /// The name and the row's number by default.
  public func place(ofRow row: Int) -> String { "\(name), row \(row)" }
  /// By default that rows are counted from 0; nothing if no file is read.
  public var numbering: String? { paths.isEmpty ? nil : "Rows are counted from 0 in \(name)" }

  /// The versions of `paths` by default.
  public func versions() throws(FileError) -> [FileVersion] {
    var versions: [FileVersion] = []
    for path in paths { versions.append(try FileVersion(path)) }
    return versions
  }

  /// By default the checksum of the only file of `paths`, or of the files' checksums.
  public func sha256(isWanted: () -> Bool) throws(FileError) -> SHA256Digest? {
    var digests: [SHA256Digest] = []
    for path in paths { digests.append(try SHA256Digest(ofFile: path, isWanted: isWanted)) }
    return digests.count > 1 ? SHA256Digest(of: digests.flatMap(\.bytes)) : digests.first
  }
}

/// What a network, or whoever else wants rows, takes.
public struct RowRequest: Hashable, Sendable {
  /// The format of the images.
  public var format: ImageFormat
  /// The number of classes, 2 to 1,024: labels are below it.
  public var classCount: Int
  /// Whether rows without labels are an error.
  public var needsLabels: Bool
  /// Is told now and then, by a source that needs long, that it is getting on.
  public var progress = ProgressListener()

  /// A request for images of this format in this number of classes.
  public init(format: ImageFormat, classCount: Int, needsLabels: Bool = true) {
    precondition(RowRequest.classCounts.contains(classCount), "2 to 1,024 classes")
    self.format = format
    self.classCount = classCount
    self.needsLabels = needsLabels
  }

  /// Throws a `Failure` if there are more names than classes.
  package func check(_ names: ClassNames) throws {
    guard names.count <= classCount else {
      throw Failure(
        .data, "there are names of \(names.count) classes, but the network's last layer has \(classCount)")
    }
  }

  /// The numbers of classes that a data set may have.
  public static let classCounts = 2...1024

  /// What the default network takes: 28 x 28 gray pixels in 25 classes.
  public static let signLanguageMNIST = RowRequest(
    format: .mnist, classCount: ClassNames.signLanguageMNIST.count)
}

/// Who is told that a long call is getting on; by default nobody. It is no part of what is requested: all of them are equal.
public struct ProgressListener: Hashable, Sendable {
  private let listener: (@Sendable () -> Void)?

  /// Calls a function whenever something was finished.
  public init(_ listener: (@Sendable () -> Void)? = nil) { self.listener = listener }

  /// Something was finished.
  public func advance() { listener?() }

  /// Always: who listens is no part of a request.
  public static func == (left: ProgressListener, right: ProgressListener) -> Bool { true }
  /// Nothing is hashed.
  public func hash(into hasher: inout Hasher) {}
}
