import Datasets
import Foundation

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

  /// Rows in the forms that tools make of Kaggle's, each saying the same.
  static func variants(_ rows: [String]) -> [String: String] {
    func text(_ names: [String], _ rows: [String]) -> String {
      ([names.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
    }
    let pixels = (1...784).map { "pixel\($0)" }
    let numbered = rows.enumerated().map { "\($0),\($1)" }
    let floats = rows.map { $0.split(separator: ",").map { "\($0).0" }.joined(separator: ",") }
    let long = rows.map {
      $0.split(separator: ",").map { "\($0)." + String(repeating: "0", count: 16) }.joined(separator: ",")
    }
    let last = rows.map { row in
      let fields = row.split(separator: ",")
      return (fields.dropFirst() + fields.prefix(1)).joined(separator: ",")
    }
    let plain = Sample.text(rows)
    return [
      "pixel0": text(["label"] + (0..<784).map { "pixel\($0)" }, rows),
      "numbers": text(["label"] + (0..<784).map(String.init), rows),
      "pixel_1": text(["label"] + (1...784).map { "pixel_\($0)" }, rows),
      "1x1": text(["label"] + (0..<784).map { "\($0 / 28 + 1)x\($0 % 28 + 1)" }, rows),
      "0x0": text(["label"] + (0..<784).map { "\($0 / 28)x\($0 % 28)" }, rows),
      "index": text(["", "label"] + pixels, numbered),
      "pandas' index": text(["Unnamed: 0", "label"] + pixels, numbered),
      "two indices": text(["", "Unnamed: 0", "label"] + pixels, numbered.enumerated().map { "\($0),\($1)" }),
      "index and floats": text(["", "label"] + pixels, floats.enumerated().map { "\($0),\($1)" }),
      "floats": text(["label"] + pixels, floats), "long floats": text(["label"] + pixels, long),
      "label last": text(pixels + ["label"], last), "a blank line": plain + "\n", "blank lines": plain + " \r\n\t\n\n",
      "CRLF, a blank line": plain.replacing("\n", with: "\r\n") + "\r\n", "spaces at the end": plain + "   ",
    ]
  }

  /// Rows and header without the label.
  static func unlabelled(_ rows: [String]) -> String {
    ([header] + rows).map { $0.split(separator: ",").dropFirst().joined(separator: ",") }.joined(separator: "\n") + "\n"
  }

  static func table(_ count: Int) -> ImageTable {
    ImageTable(
      format: .mnist, labels: (0..<count).map { UInt16($0 % 25) },
      pixels: (0..<count).flatMap { row in (0..<784).map { UInt8(($0 * 7 + row * 31) % 256) } })
  }
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
