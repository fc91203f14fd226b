import Foundation
import Platform
import TestFiles
import TestTags
import Testing

@Suite("Folders are held open and locked", .tags(.files))
struct FolderTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func text(_ path: String) throws -> String { String(decoding: try FileBytes.read(path), as: UTF8.self) }

  @Test func `Writes follow a folder that is moved`() throws {
    let path = "\(scratch.path)/run"
    try Folders.make(path)
    let folder = try Folder(path)
    #expect(folder.isInPlace && !folder.isRemoved)
    #expect(rename(path, "\(scratch.path)/elsewhere") == 0)
    #expect(!folder.isInPlace && !folder.isRemoved)
    try Folders.make(path)
    #expect(!folder.isInPlace)
    try AtomicFile.write([1], to: "model", in: folder)
    #expect(try Folders.names(in: path) == [])
    #expect(try Folders.names(in: "\(scratch.path)/elsewhere") == ["model"])
    #expect(folder.currentPath?.hasSuffix("/elsewhere") == true)
    #expect(folder.remove("model"))
    #expect(rmdir("\(scratch.path)/elsewhere") == 0)
    #expect(folder.isRemoved && !folder.isInPlace)
    #expect(throws: FileError("open", "\(path)/model", code: ENOENT)) {
      try AtomicFile.write([1], to: "model", in: folder)
    }
  }

  @Test func `Kinds and sizes`() throws {
    let folder = try Folder(scratch.path)
    _ = try scratch.file("four", name: "file")
    #expect(try folder.make("folder"))
    #expect(try !folder.make("folder"))
    #expect(mkfifo("\(scratch.path)/fifo", 0o600) == 0)
    #expect(symlink("nowhere", "\(scratch.path)/dangling") == 0)
    #expect(symlink("file", "\(scratch.path)/link") == 0)
    let kinds: [(String, Folder.Kind?)] = [
      ("file", .file), ("folder", .folder), ("fifo", .other("a FIFO")), ("dangling", .other("a dangling link")),
      ("link", .file), ("none", nil),
    ]
    for (name, kind) in kinds { #expect(folder.kind(of: name) == kind, "\(name)") }
    #expect(folder.size(of: "file") == 4 && folder.size(of: "none") == nil)
    #expect(try folder.read("file", atMost: 3) == Array("fou".utf8))
    #expect(try folder.read("link") == Array("four".utf8))
    #expect(throws: FileError("read", "\(scratch.path)/fifo", code: ESPIPE)) { try folder.read("fifo") }
    #expect(try folder.names().sorted() == ["dangling", "fifo", "file", "folder", "link"])
  }

  @Test func `A new folder is never an existing one`() throws {
    let path = "\(scratch.path)/runs/now"
    #expect(try (1...3).map { _ in try Folders.makeNew(path) } == [path, path + "-2", path + "-3"])
    _ = try scratch.file("", name: "file")
    #expect(try Folders.makeNew("\(scratch.path)/file") == "\(scratch.path)/file-2")
    #expect(throws: FileError.self) { try Folders.makeNew("\(scratch.path)/file/run") }
  }

  /// A temporary name is never longer than names may be, and always known as one.
  @Test func `Long names can be written`() throws {
    for name in [String(repeating: "x", count: 255), String(repeating: "ä", count: 127), "a"] {
      try AtomicFile.write([1], to: "\(scratch.path)/\(name)")
      #expect(try FileBytes.read("\(scratch.path)/\(name)") == [1])
    }
    let long = "\(scratch.path)/\(String(repeating: "x", count: 256))"
    let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: long) }
    #expect(error?.code == ENAMETOOLONG)
    #expect(try scratch.names.count == 3)
  }

  @Test func `A lock keeps a second job out`() throws {
    let folder = try Folder(scratch.path)
    do {
      let lock = try FolderLock(".lock", in: folder, holder: "the first", patience: 0)
      let (isHeld, isEffective) = (lock.isHeld, lock.isEffective)
      #expect(isHeld && isEffective)
      let error = #expect(throws: FolderLock.Held.self) {
        _ = try FolderLock(".lock", in: folder, holder: "the second", patience: 0.1)
      }
      #expect(error?.holder == "the first")
      #expect(error.map { "\($0)".contains("locked by the first") } == true)
      _ = consume lock
    }
    #expect(try scratch.names == [])
    // A file that a crashed holder has left is no lock.
    _ = try scratch.file("fingerspell lock: a dead process, with a longer name than the next\n", name: ".lock")
    let lock = try FolderLock(".lock", in: folder, holder: "the next", patience: 0)
    #expect(try text("\(scratch.path)/.lock") == "fingerspell lock: the next\n")
    _ = consume lock
  }

  @Test func `A removed lock is not held, and another holder's is not removed`() throws {
    let folder = try Folder(scratch.path)
    let first = try FolderLock(".lock", in: folder, holder: "the first", patience: 0)
    #expect(unlink("\(scratch.path)/.lock") == 0)
    let wasHeld = first.isHeld
    #expect(!wasHeld)
    let second = try FolderLock(".lock", in: folder, holder: "the second", patience: 0)
    let held = [first.isHeld, second.isHeld]
    #expect(held == [false, true])
    _ = consume first
    let isHeld = second.isHeld
    #expect(isHeld)
    _ = consume second
    #expect(try scratch.names == [])
  }

  @Test func `Only a lock file is taken for a lock`() throws {
    let folder = try Folder(scratch.path)
    let path = "\(scratch.path)/.lock"
    let precious = try scratch.file("precious", name: "precious")
    let others: [() -> Bool] = [
      { symlink(precious, path) == 0 }, { symlink("nowhere", path) == 0 }, { link(precious, path) == 0 },
      { mkfifo(path, 0o600) == 0 }, { mkdir(path, 0o700) == 0 },
      { (try? AtomicFile.write("notes", to: path)) != nil },
    ]
    for (number, make) in others.enumerated() {
      #expect(make())
      #expect(throws: FolderLock.Foreign.self, "\(number)") {
        _ = try FolderLock(".lock", in: folder, holder: "me", patience: 0)
      }
      #expect(folder.remove(".lock", isFolder: number == 4), "\(number)")
      #expect(try scratch.names == ["precious"])
    }
    #expect(try text(precious) == "precious")
  }
}
