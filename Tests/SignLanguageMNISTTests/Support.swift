import Foundation
import SignLanguageMNIST

/// Texts of the format, made by a formula.
enum Sample {
  static let header = (["label"] + (1...784).map { "pixel\($0)" }).joined(separator: ",")

  /// The fields of a row: every number 0-255 appears among the pixels.
  static func fields(_ row: Int) -> [String] {
    [String(row % 25)] + (0..<784).map { String(($0 * 7 + row * 31) % 256) }
  }

  static func rows(_ count: Int) -> [String] { (0..<count).map { fields($0).joined(separator: ",") } }

  static func text(_ rows: [String], lineEnd: String = "\n", finalEnd: Bool = true) -> String {
    ([header] + rows).joined(separator: lineEnd) + (finalEnd ? lineEnd : "")
  }

  static func table(_ count: Int) -> ImageTable {
    ImageTable(
      labels: (0..<count).map { UInt8($0 % 25) },
      pixels: (0..<count).flatMap { row in (0..<784).map { UInt8(($0 * 7 + row * 31) % 256) } })
  }
}

/// FNV-1a, as a golden checksum.
func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

/// The folder of the real data set, or nil where it is not: FINGERSPELL_DATA, or `../shared/data` beside the package.
let realData: String? = {
  let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let folder =
    ProcessInfo.processInfo.environment["FINGERSPELL_DATA"]
    ?? package.deletingLastPathComponent().appending(path: "shared/data").path
  return (try? DataFiles.locate(in: folder)) == nil ? nil : folder
}()
