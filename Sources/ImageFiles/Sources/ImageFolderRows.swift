import Datasets
import Platform

/// A folder of class folders with PNG and JPEG files of any size.
///
/// - Classes are the names of its visible folders, as in Keras' `image_dataset_from_directory`: in the order of their bytes, or, if all
///   are numbers, of the numbers. The classes of Sign Language MNIST keep their numbers, whether or not there is a folder for J.
/// - Images may lie in folders inside the class folders. Hidden files and folders are skipped; other files than images are counted in
///   one warning.
/// - The images of a class come in the order of the bytes of their paths, and the classes take turns in proportion to their numbers of
///   images, so that any part of the rows, such as a held-out one, has all classes.
/// - A folder without folders has images without labels; if the classes come from elsewhere, names such as `A_test.jpg` tell them.
public struct ImageFolderRows: ImageSource {
  /// The folder, as given.
  public let path: String
  /// The folder whose folders name the classes: those to train on.
  public let classFolder: String
  /// What is done with pictures of another shape.
  public var fit: ImageFitting.Fit
  /// Whether black becomes white.
  public var invert: Bool
  /// How large a hand is made that is cut out; nil for the whole image.
  public var framing: Int?
  /// The classes, where they are given.
  public var givenClasses: ClassNames?
  /// Is told what was left out.
  public var warn: @Sendable (String) -> Void

  /// The images in a folder, which is not looked at yet.
  ///
  /// - Parameter classFolder: the folder whose folders name the classes; by default the same.
  public init(
    _ path: String, classesOf classFolder: String? = nil, fit: ImageFitting.Fit = .crop, invert: Bool = false,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.path = path
    self.classFolder = classFolder ?? path
    self.fit = fit
    self.invert = invert
    self.warn = warn
  }

  /// The source's name: the path, as given.
  public var name: String { path }
  /// What it reads.
  public var paths: [String] { [path] }
  /// How rows are found in it.
  public var numbering: String? { "Rows are counted from 0: the images of \(path), in which the classes take turns" }

  /// The files and labels.
  public func entries() throws -> ImageEntryList {
    let folder = try Folder(path)
    var listing = ImageListing()
    let classFolders = try Self.classFolders(of: path)
    guard !classFolders.isEmpty else { return ImageEntryList(try unsorted(folder, &listing)) }
    let classes = try givenClasses ?? Self.classes(of: classFolder)
    var byClass: [(label: Int, paths: [String])] = []
    for name in classFolders {
      guard let label = classes.names.firstIndex(of: name) ?? classes.label(ofFolder: name) else {
        throw ImageSourceError(source: path, reason: .unknownClass(name, known: classes.names))
      }
      byClass.append((label, try listing.images(in: try folder.folder(name))))
    }
    try listing.ignoreFiles(of: folder)
    byClass.sort { $0.label < $1.label }
    return ImageEntryList(
      ImageEntries(
        source: path, rows: Self.takingTurns(byClass), classes: classes, hasLabels: true, ignored: listing.ignored))
  }

  /// The classes that the folders name, or those that are given; nil if there are neither.
  public func classNames() throws -> ClassNames? {
    if let givenClasses { return givenClasses }
    let folders = try Self.classFolders(of: classFolder)
    return folders.isEmpty ? nil : Self.classes(folders)
  }

  /// The images of a folder without class folders.
  private func unsorted(_ folder: Folder, _ listing: inout ImageListing) throws -> ImageEntries {
    let images = try listing.images(in: folder)
    let classes = try givenClasses ?? (classFolder == path ? nil : Self.classes(of: classFolder))
    let labels = images.map { image in classes.flatMap { Self.label(ofTestImage: image, $0) } }
    let hasLabels = !images.isEmpty && labels.allSatisfy { $0 != nil }
    return ImageEntries(
      source: path, rows: zip(images, labels).map { .init(path: $0, label: hasLabels ? $1 ?? 0 : 0) }, classes: classes,
      hasLabels: hasLabels, ignored: listing.ignored)
  }

  /// The class of a test image by its name, as ASL Alphabet has them: `A_test.jpg`.
  private static func label(ofTestImage path: String, _ classes: ClassNames) -> Int? {
    guard let name = path.split(separator: "/").last, let dot = name.lastIndex(of: ".") else { return nil }
    let stem = name[..<dot]
    return stem.hasSuffix("_test") ? classes.names.firstIndex(of: String(stem.dropLast("_test".count))) : nil
  }

  /// The rows of all classes, each class's evenly spread: image i of n has its place at (i + 1/2) / n.
  static func takingTurns(_ classes: [(label: Int, paths: [String])]) -> [ImageEntries.Entry] {
    let places = classes.indices.flatMap { index in
      classes[index].paths.indices.map { (group: index, image: $0, count: classes[index].paths.count) }
    }
    return places.sorted { a, b in
      let (left, right) = ((2 * a.image + 1) * b.count, (2 * b.image + 1) * a.count)
      return left != right ? left < right : a.group < b.group
    }.map { ImageEntries.Entry(path: classes[$0.group].paths[$0.image], label: classes[$0.group].label) }
  }
}
