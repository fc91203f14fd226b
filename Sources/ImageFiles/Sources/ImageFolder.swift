import Datasets
import Platform

/// The parts of a data set of image files in a folder.
public struct ImageFolder: Hashable, Sendable {
  /// The folder that has the parts.
  public let folder: String
  /// The folder of the class folders to train on.
  public let train: String
  /// The folder with images to validate on during training, and the one to test a model on: each the other if only one is there.
  public let validation: String?, test: String?

  /// Whether the folder has no parts: its folders are classes.
  public var isWhole: Bool { train == folder }

  private static let trainNames = ["train", "training", "asl_alphabet_train"]
  private static let validationNames = ["val", "valid", "validation"]
  private static let testNames = ["test", "testing", "asl_alphabet_test"]

  /// The parts in a folder: `train/` with `val/` or `test/` (or the names that ASL Alphabet and others have for them), or class
  /// folders directly; nil if it has no images.
  public init?(in folder: String) {
    let folder = Folders.trimmed(folder)
    self.folder = folder
    guard PathKind(of: folder) == .folder, let names = try? ImageFolderRows.classFolders(of: folder) else { return nil }
    func part(_ wanted: [String]) -> String? {
      for name in wanted {
        if let found = names.sorted().first(where: { $0.lowercased() == name }) {
          let path = Self.inner(found, in: folder)
          if Self.hasImages(path, depth: 4) { return path }
        }
      }
      return nil
    }
    if let train = part(Self.trainNames) {
      self.train = train
      let (validation, test) = (part(Self.validationNames), part(Self.testNames))
      self.validation = validation ?? test
      self.test = test ?? validation
    } else {
      guard Self.hasImages(folder, depth: 4) else { return nil }
      (train, validation, test) = (folder, nil, nil)
    }
  }

  /// A part's folder, or that of the same name in it, as archives unpack.
  private static func inner(_ name: String, in folder: String) -> String {
    let path = "\(folder)/\(name)"
    let deeper = "\(path)/\(name)"
    return PathKind(of: deeper) == .folder ? deeper : path
  }

  /// Whether there is an image in a folder or its folders.
  private static func hasImages(_ path: String, depth: Int) -> Bool {
    guard depth > 0, let folder = try? Folder(path), let names = try? folder.names() else { return false }
    let visible = names.filter { !$0.hasPrefix(".") }
    return visible.contains { ImageFileName.isImage($0) && folder.kind(of: $0) == .file }
      || visible.contains { folder.kind(of: $0) == .folder && hasImages("\(path)/\($0)", depth: depth - 1) }
  }
}

/// The rows of images that a path names.
public enum ImageSources {
  /// The sources of some parts of the data set that a path names, in the same order: a folder of images, an image, or a list of images;
  /// nil if it is none of these. An image or a list is any part, but only one.
  ///
  /// - Parameter training: the source to train on, whose names of classes count; by default that of the same folder.
  public static func sources(
    _ parts: [DataFiles.Part], at path: String, training: (any RowSource)? = nil
  ) throws -> [any ImageSource]? {
    switch PathKind(of: path) {
    case .folder?:
      guard let folder = ImageFolder(in: path) else { return nil }
      let classFolder = (training as? ImageFolderRows)?.classFolder ?? folder.train
      return try parts.map { part in
        ImageFolderRows(try folder.path(of: part, isAlone: parts.count == 1), classesOf: classFolder)
      }
    case .file?:
      guard let file = try? OpenFile.reading(path), let bytes = try? file.firstBytes(1 << 12) else { return nil }
      let kind = FileKind(firstBytes: bytes)
      let isImage = kind == .png || kind == .jpeg
      guard isImage || kind == nil && ImageListRows.isList(bytes) else { return nil }
      // Who asks for two parts would validate on the rows that are trained on.
      guard parts.count < 2 else { throw ImageSourceError(source: path, reason: .onePart) }
      if isImage { return parts.map { _ in ImageFileRows(path) } }
      return parts.map { _ in ImageListRows(path, classesOf: (training as? ImageListRows)?.classList) }
    default: return nil
    }
  }

  /// Every part that a path names, with what it is for; nil for rows of unknown use. Empty if it names no images.
  public static func found(at path: String) throws -> [(part: DataFiles.Part?, rows: any ImageSource)] {
    guard let folder = ImageFolder(in: path) else {
      return try (sources([.test], at: path) ?? []).map { (nil, $0) }
    }
    let training: (part: DataFiles.Part?, rows: any ImageSource) = (
      folder.isWhole ? nil : .train, ImageFolderRows(folder.train)
    )
    return [training] + (folder.test.map { [(.test, ImageFolderRows($0, classesOf: folder.train))] } ?? [])
  }
}

extension ImageFolder {
  /// The folder of a part: to test with while training, that for validation if there is one.
  ///
  /// - Parameter isAlone: whether no other part is wanted: then a folder that has no parts is this one.
  fileprivate func path(of part: DataFiles.Part, isAlone: Bool) throws -> String {
    guard part == .test else { return train }
    if let path = isAlone ? test : validation { return path }
    guard isAlone, isWhole else { throw ImageSourceError(source: folder, reason: .noTestImages) }
    return train
  }
}

/// One image file, without a label.
public struct ImageFileRows: ImageSource {
  /// The file, as given.
  public let path: String
  /// What is done with pictures of another shape.
  public var fit = ImageFitting.Fit.crop
  /// Whether black becomes white.
  public var invert = false
  /// How large a hand is made that is cut out; nil for the whole image.
  public var framing: Int?
  /// The classes, where they are given.
  public var givenClasses: ClassNames?
  /// Is told what was left out.
  public var warn: @Sendable (String) -> Void = { _ in }

  /// The image in a file.
  public init(_ path: String) { self.path = path }

  /// The source's name: the path, as given.
  public var name: String { path }
  /// What it reads.
  public var paths: [String] { [path] }
  /// How rows are found in it.
  public var numbering: String? { nil }

  /// The files and labels.
  public func entries() -> ImageEntryList {
    ImageEntryList(
      ImageEntries(source: path, rows: [.init(path: path, label: 0)], classes: nil, hasLabels: false))
  }
}
