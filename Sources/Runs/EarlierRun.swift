import Glibc
import ModelFiles
import Platform
import Training

/// What a run folder holds of an earlier run is kept: it moves to `earlier-1`, `earlier-2`, ... inside the folder.
enum EarlierRun {
  /// Moves those of the names that are there into a new folder, all of them or none. Returns the new folder's name; nil if nothing
  /// was moved.
  @discardableResult
  static func setAside(_ names: [String], in folder: Folder) throws -> String? {
    // First what is most likely to be immovable: a place where another disk is mounted.
    let present = names.filter { folder.kind(of: $0) != nil }.sorted { isFolder($0, folder) && !isFolder($1, folder) }
    guard !present.isEmpty else { return nil }
    var number = 1
    while try !folder.make("earlier-\(number)") { number += 1 }
    let name = "earlier-\(number)"
    var moved: [String] = []
    do {
      let earlier = try folder.folder(name)
      do throws(FileError) {
        for file in present where try move(file, from: folder, to: earlier) { moved.append(file) }
      } catch {
        for file in moved.reversed() { try? earlier.move(file, to: folder) }
        moved = []
        throw Failure(.io, immovable(error, folder.path(name)))
      }
    } catch {
      folder.remove(name, isFolder: true)
      throw error
    }
    guard moved.isEmpty else { return name }
    folder.remove(name, isFolder: true)
    return nil
  }

  /// Moves a file or folder; false where it is a folder that cannot be moved and holds no checkpoint: it can stay.
  private static func move(_ name: String, from folder: Folder, to earlier: Folder) throws(FileError) -> Bool {
    do throws(FileError) {
      try folder.move(name, to: earlier)
      return true
    } catch {
      guard error.code == EBUSY || error.code == EXDEV, isFolder(name, folder),
        try folder.folder(name).names().allSatisfy({ CheckpointNames.step($0) == nil })
      else { throw error }
      return false
    }
  }

  private static func isFolder(_ name: String, _ folder: Folder) -> Bool { folder.kind(of: name) == .folder }

  private static func immovable(_ error: FileError, _ destination: String) -> String {
    let reason =
      switch error.code {
      case EBUSY: "something is mounted there, or the system uses it"
      case EXDEV: "it belongs to another file system, or to a layer of a container's image"
      default: String(cString: strerror(error.code))
      }
    return "the run folder holds an earlier run, and \(error.path) cannot be moved to \(destination): \(reason). "
      + "Nothing was moved. Choose another folder, resume that run, or move its files away"
  }
}
