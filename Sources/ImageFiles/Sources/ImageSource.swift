import Datasets
import Glibc
import Platform

/// A source of rows whose images are files of their own. All of its rows are decoded in the same way; the workers decode each a part.
public protocol ImageSource: RowSource {
  /// What is done with pictures of another shape.
  var fit: ImageFitting.Fit { get set }
  /// Whether black becomes white.
  var invert: Bool { get set }
  /// How large a hand is made that is cut out: see `ImageFitting`.
  var framing: Int? { get set }
  /// The classes, where they are given: names in the source are looked up in them. Otherwise it names its own.
  var givenClasses: ClassNames? { get set }
  /// Is told, by the worker of the first rows, what was left out.
  var warn: @Sendable (String) -> Void { get set }
  /// The files and labels, listed by each call: in the same order as long as nothing changes.
  func entries() throws -> ImageEntryList
}

/// The files and labels of an `ImageSource`.
public struct ImageEntryList: Sendable {
  let entries: ImageEntries

  init(_ entries: ImageEntries) { self.entries = entries }
}

extension ImageSource {
  /// Decodes part `index` of `count` of the rows.
  public func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable {
    let entries = try entries().entries
    if index == 0, let warning = entries.warning { warn(warning) }
    try entries.check(request)
    let total = entries.rows.count
    return try entries.decoded(
      index * total / count..<(index + 1) * total / count, fitting(request.format), request.progress)
  }

  /// The classes.
  public func classNames() throws -> ClassNames? { try entries().entries.classes }

  /// The path of the row's file.
  public func place(ofRow row: Int) -> String {
    guard let rows = try? entries().entries.rows, rows.indices.contains(row) else { return "\(name), row \(row)" }
    return rows[row].path
  }

  /// One version for all of its files.
  public func versions() throws(FileError) -> [FileVersion] { [try listed().version()] }

  /// The SHA-256 of the rows in their order: see docs/data.md.
  public func sha256(isWanted: () -> Bool) throws(FileError) -> SHA256Digest? {
    try listed().contentHash(isWanted: isWanted)
  }

  /// Gives the classes of Sign Language MNIST to a source with some of its letters, where as many classes are requested: a few letters
  /// are then not renumbered. Names that the user gave come first.
  public mutating func giveClasses(_ names: ClassNames?, for request: RowRequest) throws {
    givenClasses = names
    let known = ClassNames.signLanguageMNIST
    guard names == nil, request.classCount == known.count, let own = try classNames() else { return }
    if Set(own.names).isSubset(of: known.names) { givenClasses = known }
  }

  /// What its pictures are before they become images: `pictures of 3 sizes, 20 x 30 to 480 x 640 pixels, in color` (height x width).
  public func pictures() throws -> String { try entries().entries.pictures() }

  /// How pictures become images of a format.
  func fitting(_ format: ImageFormat) -> ImageFitting {
    ImageFitting(format, fit: fit, invert: invert, framing: framing)
  }

  /// The entries where only the system's errors can be told; whoever reads the rows tells the others.
  private func listed() throws(FileError) -> ImageEntries {
    do { return try entries().entries } catch { throw (error as? FileError) ?? FileError("read", name, code: EINVAL) }
  }
}

/// What is wrong with a source of image files as a whole.
public struct ImageSourceError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// `Remedy.holdOut`, where a part is missing.
  public var remedy: Remedy? { reason == .noTestImages || reason == .onePart ? .holdOut : nil }

  /// The source's name.
  public let source: String
  /// What is wrong.
  public let reason: Reason

  /// The kinds of errors.
  public enum Reason: Hashable, Sendable {
    /// There are no images.
    case noImages
    /// There are images, but no folders or columns that say their classes.
    case noLabels
    /// There is a list of images without a column that says their classes.
    case noLabelColumn
    /// All images are of one class; with its name.
    case oneClass(String)
    /// There are images to train on alone.
    case noTestImages
    /// One file, where images to train on and others to validate on are needed.
    case onePart
    /// Folders of pictures in formats that are not read: how many, and how their names end, the most frequent first.
    case otherPictures(Int, suffixes: [String])
    /// A class folder that is none of the classes; with some of those.
    case unknownClass(String, known: [String])
    /// Folders in folders in folders.
    case tooDeep(String)
    /// The network takes images that image files do not have.
    case channels(Int)
    /// The decoded images do not fit in memory.
    case tooLarge(images: Int, bytesEach: Int, memory: Int)
  }

  /// What is wrong and what to do.
  public var description: String { "\(foreign(source)) \(text)" }

  private var text: String {
    let suffixes = ImageFileName.suffixes.joined(separator: ", ")
    return switch reason {
    case .noImages:
      "has no images: no files that end in \(suffixes), and no folders with such files; a table is named by "
        + "its file, not by its folder"
    case .noLabels:
      "does not say the classes of its images, which training and evaluation need: put the images of each class into a folder that "
        + "has the class's name"
    case .noLabelColumn:
      "does not say the classes of its images, which training and evaluation need: add a column label with their names or numbers"
    case .oneClass(let name):
      "has images of one class, '\(foreign(name))', but there is nothing to tell apart in fewer than 2: add a folder or label for each class"
    case .noTestImages:
      "has no images to validate or test with; they would be in a folder val or test beside a folder train"
    case .onePart: "is one list of images or one image, which are not to train on and to validate on at once"
    case .otherPictures(let count, let endings):
      "has no images that can be read, but \(counted(count, "picture")) in other formats (\(endings.joined(separator: ", "))): "
        + "files that end in \(suffixes) are read; convert them, with ImageMagick: "
        + "find \(foreign(source)) -name '*\(endings.first ?? "")' -exec mogrify -format png {} +"
    case .unknownClass(let name, let known):
      "has '\(foreign(name))', which is none of the classes: "
        + known.prefix(8).map { foreign($0) }.joined(separator: ", ") + (known.count > 8 ? ", ..." : "")
        + "; rename or remove it"
    case .tooDeep(let folder): "has folders nested too deep, perhaps by a link to itself: \(foreign(folder)); remove it"
    case .channels(let count):
      "has gray or RGB images, but the network takes \(counted(count, "channel")); use a network that takes 1 or 3"
    case .tooLarge(let images, let bytes, let memory):
      "has \(counted(images, "image")) that need \(bytes) bytes each once decoded, more than this host's memory of \(memory) bytes; "
        + "use a network with a smaller input, fewer images, or more hosts that each keep a part"
    }
  }
}
