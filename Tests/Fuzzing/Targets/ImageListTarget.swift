import Datasets
import ImageFiles

/// The reader of lists of images. For any bytes:
///
/// 1. Every row has a path, and a label if there are labels; the classes are those that the labels name.
/// 2. Otherwise the error has a text, and a line that the bytes have.
/// 3. What was read is written with quotation marks around every field, and read again as the same.
/// 4. The heap is asked for no more than 100 times the input, and some: a field of one character is a string of 16 bytes in an array
///    that has grown by doubling.
enum ImageListTarget {
  private static let fixed = 64 << 10

  static func test(_ bytes: [UInt8]) {
    let outcome = Allocations.limited(inputBytes: 10 * bytes.count, fixed: fixed, "reading a list") {
      Result { () throws(ImageListError) in try ImageList(bytes, file: "list") }
    }
    switch outcome {
    case .failure(let error):
      let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
      require(!"\(error)".isEmpty && (1...lines).contains(error.line ?? 1), "not a line of \(lines): \(error)")
    case .success(let list): check(list)
    }
  }

  private static func check(_ list: ImageList) {
    let classes = list.classes
    for row in list.rows {
      require(!row.path.isEmpty && row.label.isEmpty != list.hasLabels, "row \(row)")
      require(classes == nil || classes?.names.contains(row.label) == true, "no class for \(row)")
    }
    // Byte by byte: in a String, a quotation mark may be a part of a longer character.
    let mark = UInt8(ascii: "\"")
    func quoted(_ text: String) -> [UInt8] { [mark] + text.utf8.flatMap { $0 == mark ? [mark, mark] : [$0] } + [mark] }
    var text = Array((list.hasLabels ? "path,label\n" : "path\n").utf8)
    for row in list.rows {
      text += quoted(row.path) + (list.hasLabels ? [UInt8(ascii: ",")] + quoted(row.label) : []) + [UInt8(ascii: "\n")]
    }
    let again = try? ImageList(text, file: "list")
    require(again?.rows.map(\.path) == list.rows.map(\.path), "other paths once written and read")
    require(again?.rows.map(\.label) == list.rows.map(\.label), "other labels once written and read")
  }
}
