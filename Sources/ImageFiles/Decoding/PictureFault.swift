import Platform

/// Why bytes are not a picture that can be read, and what to do: a clause that follows the file's name.
public enum PictureFault: Error, Hashable, Sendable {
  /// The file has no bytes.
  case empty
  /// The file is longer than any picture of the most pixels.
  case tooLong(bytes: Int)
  /// The file is no PNG and no JPEG; with its kind, where that is known.
  case otherKind(FileKind?)
  /// The file is incomplete or damaged; with the decoder's own message.
  case damaged(FileKind, String)
  /// The file may be sound, but has something that is not read here.
  case unsupported(FileKind, String)
  /// The file claims more pixels than `Picture.mostPixels`.
  case tooManyPixels(width: Int, height: Int)
  /// The file claims more pixels than its bytes can hold.
  case impossible(width: Int, height: Int, bytes: Int)
}

extension PictureFault: CustomStringConvertible {
  /// What is wrong and what to do, in one sentence.
  public var description: String {
    let again = "get the file again, or remove it"
    return switch self {
    case .empty: "is empty; \(again)"
    case .tooLong(let bytes): "has \(bytes) bytes, more than any picture that can be read; scale it down, or remove it"
    case .otherKind(nil): "is neither a PNG nor a JPEG image; convert it, or remove it"
    case .otherKind(let kind?): "is \(kind.name), neither a PNG nor a JPEG image; \(Self.advice(kind))"
    case .damaged(let kind, let why): "is \(kind.name) that is damaged or incomplete (\(foreign(why))); \(again)"
    case .unsupported(let kind, let what):
      "is \(kind.name) with \(foreign(what)), which is not read; save it as an ordinary RGB or gray image"
    case .tooManyPixels(let width, let height):
      "claims \(width) x \(height) pixels; at most \(Picture.mostPixels) are read: scale it down, or remove it"
    case .impossible(let width, let height, let bytes):
      "claims \(width) x \(height) pixels, which its \(counted(bytes, "byte")) cannot hold; \(again)"
    }
  }

  private static func advice(_ kind: FileKind) -> String {
    switch kind {
    case .html: "the download returned a page, perhaps one that asks you to sign in; get the file itself"
    case .lfsPointer: "fetch the file with: git lfs pull"
    case .zip, .gzip, .xz, .bzip2, .zstd, .sevenZip, .rar, .tar: "unpack it, and use the images in it"
    default: "convert it, or remove it"
    }
  }
}

/// An image file that cannot be used, among others.
public struct ImageFileError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The row of the image: of several workers' errors, the first row's is reported.
  public var fileOffset: Int? { row }

  /// The file's path.
  public let file: String
  /// The row, counted from 0.
  public let row: Int?
  /// What is wrong.
  public let fault: PictureFault

  /// What is wrong with the file of a row.
  public init(file: String, row: Int? = nil, fault: PictureFault) {
    self.file = file
    self.row = row
    self.fault = fault
  }

  /// `FILE is a PNG image that is damaged or incomplete (...); get the file again, or remove it`.
  public var description: String { "\(foreign(file)) \(fault)" }
}
