/// The parts of a form with files (RFC 7578).
enum Multipart {
  /// One field of the form.
  struct Part {
    /// The field's name.
    var name: String
    /// Whether it is a file, by its having a file name or a type of its own.
    var isFile: Bool
    /// What it has.
    var contents: ArraySlice<UInt8>
  }

  /// The greatest head of a part.
  private static let mostHeaderBytes = 4096

  /// The parts of a body, which are separated by lines of `--` and the boundary.
  static func parts(_ body: [UInt8], boundary: String, most: Int) throws(RequestFault) -> [Part] {
    let line = Array("--\(boundary)".utf8)
    let separator = [0x0D, 0x0A] + line
    var rest = body[...]
    // Before the first boundary there may be a text that is to be ignored.
    if rest.starts(with: line) {
      rest = rest.dropFirst(line.count)
    } else {
      guard let begin = rest.firstRange(separator) else { throw fault("its first boundary is missing") }
      rest = rest[begin.upperBound...]
    }
    var parts: [Part] = []
    while !rest.starts(with: "--".utf8) {
      guard rest.starts(with: [0x0D, 0x0A]) else { throw fault("a boundary is not the end of its line") }
      rest = rest.dropFirst(2)
      guard let head = rest.prefix(mostHeaderBytes).firstRange(Array("\r\n\r\n".utf8)) else {
        throw fault("a part has no empty line after its headers")
      }
      let headers = String(decoding: rest[..<head.lowerBound], as: UTF8.self)
      rest = rest[head.upperBound...]
      guard let end = rest.firstRange(separator) else { throw fault("its last boundary is missing") }
      guard parts.count < most else {
        throw RequestFault(.contentTooLarge, "the form has more than \(most) files; send them in several requests")
      }
      parts.append(part(headers, rest[..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return parts
  }

  private static func part(_ headers: String, _ contents: ArraySlice<UInt8>) -> Part {
    var part = Part(name: "", isFile: false, contents: contents)
    for line in headers.split(separator: "\r\n") {
      let pair = line.split(separator: ":", maxSplits: 1)
      guard pair.count == 2 else { continue }
      switch pair[0].lowercased() {
      case "content-disposition":
        let disposition = MediaType(String(pair[1]))
        part.name = disposition.parameter("name") ?? ""
        part.isFile = part.isFile || disposition.parameter("filename") != nil
      case "content-type": part.isFile = part.isFile || MediaType(String(pair[1])).name.hasPrefix("image/")
      default: break
      }
    }
    return part
  }

  private static func fault(_ what: String) -> RequestFault {
    RequestFault(.badRequest, "the form is malformed: \(what)")
  }
}

extension ArraySlice<UInt8> {
  /// The first place of these bytes.
  func firstRange(_ pattern: [UInt8]) -> Range<Int>? {
    guard let first = pattern.first else { return nil }
    return withUnsafeBufferPointer { bytes in
      var start = 0
      while start + pattern.count <= bytes.count {
        guard bytes[start] == first, bytes[start..<start + pattern.count].elementsEqual(pattern) else {
          start += 1
          continue
        }
        return startIndex + start..<startIndex + start + pattern.count
      }
      return nil
    }
  }
}
