import Platform

/// The orientation in a file's EXIF data (CIPA DC-008, tag 0x0112): how a camera was held.
enum EXIF {
  /// 1 to 8; 1, upright, where there is none or the data make no sense.
  static func orientation(in bytes: [UInt8], _ kind: FileKind) -> Int {
    (kind == .jpeg ? inJPEG(bytes[...]) : inPNG(bytes[...])).flatMap(orientation(inTIFF:)) ?? 1
  }

  /// The TIFF data in a segment APP1 before the first scan.
  private static func inJPEG(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = bytes.dropFirst(2)
    while rest.count >= 4, rest.first == 0xFF {
      let marker = rest[rest.startIndex + 1]
      guard marker != 0xFF else {
        rest = rest.dropFirst()  // a fill byte
        continue
      }
      guard marker != 0xDA, marker != 0xD9 else { return nil }
      let length = number(rest.dropFirst(2).prefix(2), isBigEndian: true)
      guard length >= 2, rest.count >= 2 + length else { return nil }
      let segment = rest.dropFirst(4).prefix(length - 2)
      if marker == 0xE1, segment.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) { return segment.dropFirst(6) }
      rest = rest.dropFirst(2 + length)
    }
    return nil
  }

  /// The TIFF data in a chunk eXIf.
  private static func inPNG(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = bytes.dropFirst(8)
    while rest.count >= 12 {
      let length = number(rest.prefix(4), isBigEndian: true)
      guard length <= rest.count - 12 else { return nil }
      if rest.dropFirst(4).starts(with: "eXIf".utf8) { return rest.dropFirst(8).prefix(length) }
      rest = rest.dropFirst(12 + length)
    }
    return nil
  }

  /// The orientation in TIFF data: in the first directory, whose entries are tag, type, count and value.
  private static func orientation(inTIFF bytes: ArraySlice<UInt8>) -> Int? {
    let isBigEndian = bytes.starts(with: [0x4D, 0x4D, 0, 42])
    guard isBigEndian || bytes.starts(with: [0x49, 0x49, 42, 0]), bytes.count >= 8 else { return nil }
    func read(_ offset: Int, _ count: Int) -> Int? {
      guard offset <= bytes.count - count else { return nil }
      return number(bytes.dropFirst(offset).prefix(count), isBigEndian: isBigEndian)
    }
    guard let directory = read(4, 4), let count = read(directory, 2) else { return nil }
    for entry in 0..<count {
      let offset = directory + 2 + 12 * entry
      guard let tag = read(offset, 2), let type = read(offset + 2, 2), let value = read(offset + 8, 2) else {
        return nil
      }
      if tag == 0x0112 { return type == 3 && (1...8).contains(value) ? value : nil }
    }
    return nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> Int {
    isBigEndian ? bytes.reduce(0) { $0 << 8 | Int($1) } : bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

extension Picture {
  /// The picture turned upright from one of EXIF's orientations, 1 to 8; from 5 on width and height change places.
  func oriented(_ orientation: Int) -> Picture {
    guard orientation > 1 else { return self }
    let (w, h) = (width, height)
    // The pixel that comes to the top left, and how far apart neighbours in a row and in a column were.
    let (first, across, down) =
      switch orientation {
      case 2: (w - 1, -1, w)
      case 3: (w * h - 1, -1, -w)
      case 4: ((h - 1) * w, 1, -w)
      case 5: (0, w, 1)
      case 6: ((h - 1) * w, -w, 1)
      case 7: (w * h - 1, -w, -1)
      default: (w - 1, w, -1)
      }
    let (columns, rows) = orientation > 4 ? (h, w) : (w, h)
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { turned, count in
      pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<rows {
          for column in 0..<columns {
            let pixel = (first + column * across + row * down) * channels
            for channel in 0..<channels {
              turned[count] = pixels[pixel + channel]
              count += 1
            }
          }
        }
      }
    }
    return Picture(width: columns, height: rows, channels: channels, pixels: turned)
  }
}
