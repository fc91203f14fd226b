import Datasets
import Platform

extension ImageFolderRows {
  /// The names of a folder's visible folders.
  static func classFolders(of path: String) throws(FileError) -> [String] {
    let folder = try Folder(path)
    var names: [String] = []
    // macOS adds a folder of its own to every zip.
    for name in try folder.names() where !name.hasPrefix(".") && name != "__MACOSX" && folder.kind(of: name) == .folder
    {
      names.append(name)
    }
    return names
  }

  /// The classes that the folders of a folder name.
  static func classes(of path: String) throws -> ClassNames { classes(try classFolders(of: path)) }

  /// The classes that these folders name.
  static func classes(_ folders: [String]) -> ClassNames {
    let known = ClassNames.signLanguageMNIST
    let letters = Set(folders.map { $0.uppercased() })
    // With or without a folder for a class that never occurs; named by letters or by numbers.
    for names in [known.names, known.names.indices.map(String.init)] {
      let present = Set(known.present.map { names[$0] })
      if letters.count == folders.count, letters.isSuperset(of: present), letters.isSubset(of: names) { return known }
    }
    if folders.allSatisfy({ Int($0) != nil }) {
      return ClassNames(folders.sorted { (Int($0)!, $0) < (Int($1)!, $1) })
    }
    return ClassNames(folders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }
}

extension ClassNames {
  /// The class of a folder: by its name, or by its number where the classes are those of Sign Language MNIST.
  func label(ofFolder name: String) -> Int? {
    if let label = label(of: name) { return label }
    guard self == .signLanguageMNIST, let number = Int(name), names.indices.contains(number) else { return nil }
    return number
  }
}

/// Images in a folder and its folders, and the files there that are none.
struct ImageListing {
  /// Files that are no images by their names.
  private(set) var ignored: [String] = []

  /// How deep folders may be nested.
  private static let depth = 16

  /// The paths of the images in a folder and its folders, in the order of their bytes.
  mutating func images(in folder: Folder) throws -> [String] {
    var images: [String] = []
    try collect(folder, Self.depth, &images)
    return images.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Counts the files beside class folders among the ignored.
  mutating func ignoreFiles(of folder: Folder) throws(FileError) {
    for name in try folder.names() where !name.hasPrefix(".") && folder.kind(of: name) != .folder {
      ignored.append(folder.path(name))
    }
  }

  private mutating func collect(_ folder: Folder, _ depth: Int, _ images: inout [String]) throws {
    guard depth > 0 else { throw ImageSourceError(source: folder.path, reason: .tooDeep(folder.path)) }
    for name in try folder.names() where !name.hasPrefix(".") {
      if ImageFileName.isImage(name), folder.kind(of: name) != .folder {
        // Whatever has an image's name is one, or an error: also a link that leads nowhere.
        images.append(folder.path(name))
      } else if folder.kind(of: name) == .folder {
        try collect(try folder.folder(name), depth - 1, &images)
      } else {
        ignored.append(folder.path(name))
      }
    }
  }
}
