import Platform

/// What is wrong with a compressed file or an archive.
public struct PackedFileError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The path of the file, as given.
  public let file: String
  /// The member of the archive; nil if the error is about the whole file.
  public let member: String?
  /// What is wrong.
  public let reason: Reason

  /// The kinds of errors.
  public enum Reason: Hashable, Sendable {
    /// The file cannot be opened or read; with the system's message.
    case unreadable(String, isRegular: Bool)
    /// The file or member ends before its contents do.
    case truncated
    /// The compressed bytes, or their checksum, are wrong.
    case damaged(String)
    /// The file is empty.
    case empty
    /// It expands to more than `Unpacking.limit` allows.
    case expandsTooMuch
    /// A member has more bytes than what it should be can have; with both numbers.
    case tooLarge(Int, most: Int)
    /// A member is encrypted.
    case encrypted
    /// A member is compressed by another method than DEFLATE; with the method's number.
    case method(Int)
    /// What the archive says about itself does not fit together.
    case inconsistent(String)
    /// There is none of the members that are looked for; with those that there are.
    case nothingKnown(wanted: String, found: [String])
    /// Several members may be meant.
    case ambiguous([String])
  }

  /// An error of a file, or of an archive's member.
  public init(file: String, member: String? = nil, _ reason: Reason) {
    self.file = file
    self.member = member
    self.reason = reason
  }

  /// The file, the member, and what is wrong.
  public var description: String {
    foreign(file) + (member.map { ", member \(foreign($0))" } ?? "") + ": \(reason)"
  }
}

extension PackedFileError.Reason: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .unreadable(let why, _): "cannot be read: \(why)"
    case .truncated: "ends in the middle of its contents: its download or copy is incomplete; get it again"
    case .damaged(let what): "is damaged (\(what)); get it again"
    case .empty: "is empty; get it again"
    case .expandsTooMuch:
      "expands to more than \(Unpacking.most >> 30) GiB or \(Unpacking.mostTimes) times its compressed size; "
        + "unpack it first if it is meant to"
    case .tooLarge(let count, let most): "has \(count) bytes, and at most \(most) are possible; get it again"
    case .encrypted: "is encrypted; unpack the archive with its password first"
    case .method(let number): "is compressed by method \(number), which is not DEFLATE; unpack the archive first"
    case .inconsistent(let what): "is not a sound zip archive (\(what)); get it again"
    case .nothingKnown(_, []): "is an empty archive, it has no files; get it again"
    case .nothingKnown(let wanted, let found) where found.contains(where: Self.isPicture):
      "has no \(wanted); it has pictures (\(Self.list(found.filter(Self.isPicture)))): unpack it, and name the folder"
    case .nothingKnown(let wanted, let found):
      "has no \(wanted); it has \(Self.list(found)): unpack it, and name the file"
    case .ambiguous(let names):
      "has several files that may be meant (\(Self.list(names))): unpack it, and name the file"
    }
  }

  private static func isPicture(_ name: String) -> Bool {
    [".png", ".jpg", ".jpeg"].contains(where: name.lowercased().hasSuffix)
  }

  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "no files" }
    let shown = names.prefix(6).map { foreign($0) }.joined(separator: ", ")
    return names.count > 6 ? "\(shown) and \(names.count - 6) more" : shown
  }
}

/// How much compressed bytes may expand: a small file must not keep a cluster busy for hours.
enum Unpacking {
  /// The most bytes of one file or member.
  static let most = 1 << 36
  /// What expands to more than `free` bytes may be at most this number of times as long as it is compressed. DEFLATE's limit is 1,032;
  /// sets of handwriting are at 5 to 20.
  static let mostTimes = 200
  static let free = 1 << 30

  /// The most bytes that n compressed bytes may expand to.
  static func limit(_ compressed: Int) -> Int {
    let times = compressed.multipliedReportingOverflow(by: mostTimes)
    return min(most, max(free, times.overflow ? most : times.partialValue))
  }
}
