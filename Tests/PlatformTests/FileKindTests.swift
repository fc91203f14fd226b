import Foundation
import Platform
import TestFiles
import TestTags
import Testing

@Suite("Files of other kinds are recognised by their first bytes", .tags(.files))
struct FileKindTests {
  private static func zip(_ name: String) -> [UInt8] {
    Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 26) + Array(name.utf8)
  }

  private static let beginnings: [(kind: FileKind, bytes: [UInt8])] = [
    (.gzip, [0x1F, 0x8B, 8, 0]),
    (.hdf5, [0x89] + text("HDF\r\n\u{1A}\n")),
    (.utf16, [0xFF, 0xFE] + text("l\0a\0")),
    (.utf16, text("l\0a\0b\0e\0l\0,\0p\0i\0x\0")),
    (.zip, zip("sign_mnist_train.csv")),
    (.zip, text("PK\u{5}\u{6}")),
    (.xlsx, zip("[Content_Types].xml")),
    (.keras, zip("metadata.json")),
    (.npz, zip("arr_0.npy\u{0}")),
    (.torch, zip("model/data.pkl")),
    (.pickle, [0x80, 0x04, 0x95]),
    (.npy, [0x93] + text("NUMPY")),
    (.lfsPointer, text("version https://git-lfs.github.com")),
    (.html, text("\n<!DOCTYPE html>")),
    (.html, [0xEF, 0xBB, 0xBF] + text("<html>")),
    (.json, text(" {\"a\":1}")),
    (.safetensors, [16, 0, 0, 0, 0, 0, 0, 0] + text("{\"a\":")),
    // Lengths that look like the beginning of a pickle, of gzip, of UTF-16.
    (.safetensors, [0x80, 0x04, 0, 0, 0, 0, 0, 0] + text("{\"a\":")),
    (.safetensors, [0x1F, 0x8B, 0, 0, 0, 0, 0, 0] + text("{\"a\":")),
    (.safetensors, [0xFF, 0xFE, 0, 0, 0, 0, 0, 0] + text("{\"a\":")),
    (.parquet, text("PAR1")),
    (.rar, text("Rar!\u{1A}\u{7}\0")),
    (.tar, [UInt8](repeating: 1, count: 257) + text("ustar")),
    (.excel, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
  ]

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(arguments: beginnings)
  func `Each kind is recognised`(kind: FileKind, bytes: [UInt8]) {
    #expect(FileKind(firstBytes: bytes) == kind)
  }

  @Test(arguments: ["", "label,pixel1", "label;pixel1", "5,107,118", "\u{FEFF}label", "PK", "BZ"])
  func `Plain text is of no kind`(text: String) {
    #expect(FileKind(firstBytes: Array(text.utf8)) == nil)
  }

  @Test(arguments: FileKind.allCases)
  func `Every kind says what to do`(kind: FileKind) {
    for wanted in [FileKind.Wanted.csv, .model] {
      let text = kind.complaint(wanted)
      #expect(text.hasPrefix("is \(kind.name), not a ") && text.contains("; "))
    }
  }

  @Test func `A pipe is not waited for`() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let error = #expect(throws: FileError.self) { try FileBytes.read(path) }
    #expect(error?.description == "cannot read \(path): it is a pipe, a socket or a device; name a regular file")
  }
}
