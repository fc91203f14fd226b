import Foundation
import Platform
import TestFiles
import TestTags
import Testing

@Suite("Files are replaced whole or not at all", .tags(.files))
struct FileTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test func `A file is replaced whole`() throws {
    let path = "\(scratch.path)/model"
    try AtomicFile.write([1, 2, 3], to: path)
    #expect(try FileBytes.read(path) == [1, 2, 3])
    try AtomicFile.write("text\n", to: path)
    #expect(try FileBytes.read(path) == Array("text\n".utf8))
    try AtomicFile.write(to: path) { put in
      try put([])
      try put([UInt8](repeating: 7, count: 300_000))
      try put([8])
    }
    #expect(try FileBytes.read(path) == [UInt8](repeating: 7, count: 300_000) + [8])
    #expect(try scratch.names == ["model"])
  }

  @Test func `The old file stays when writing fails`() throws {
    struct Interrupted: Error {}
    let path = "\(scratch.path)/model"
    try AtomicFile.write([1, 2, 3], to: path)
    #expect(throws: Interrupted.self) {
      try AtomicFile.write(to: path) { put in
        try put([9])
        throw Interrupted()
      }
    }
    #expect(try FileBytes.read(path) == [1, 2, 3])
    #expect(try scratch.names == ["model"])
  }

  @Test func `Errors name the file and the reason`() throws {
    let path = "\(scratch.path)/no/model"
    #expect(throws: FileError("open", path, code: ENOENT)) { try AtomicFile.write([1], to: path) }
    #expect(
      "\(FileError("write", "a/b", code: ENOSPC))"
        == "cannot write a/b: No space left on device; free some space or choose another folder")
    // A folder with something in it cannot be replaced by a file: the rename fails, and the temporary file goes.
    try FileManager.default.createDirectory(atPath: "\(scratch.path)/taken/x", withIntermediateDirectories: true)
    #expect(throws: FileError("write", "\(scratch.path)/taken", code: EISDIR)) {
      try AtomicFile.write([1], to: "\(scratch.path)/taken")
    }
    #expect(try scratch.names == ["taken"])
    #expect(throws: FileError("read", scratch.path, code: EISDIR)) { try FileBytes.read(scratch.path) }
    #expect(throws: FileError("open", path, code: ENOENT)) { try SHA256Digest(ofFile: path) }
  }

  /// The vectors of FIPS 180-2, appendix B.
  @Test func `Checksums are SHA-256`() throws {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(SHA256Digest(of: Array("abc".utf8)).description == abc)
    let path = "\(scratch.path)/a"
    try AtomicFile.write([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000), to: path)
    #expect(try SHA256Digest(ofFile: path).description == million)
  }
}
