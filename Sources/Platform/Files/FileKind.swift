/// The kind of a file by its first bytes: formats that users pass by mistake instead of CSV or safetensors.
///
/// One table for all readers, with advice for each format. The signatures are those of the formats' own specifications
/// (PKWARE APPNOTE, RFC 1952, the HDF5 file format, NumPy's NEP 1, ...), as in libmagic.
public enum FileKind: String, Sendable, CaseIterable {
  case zip, xlsx, keras, npz, torch, gzip, xz, bzip2, zstd, sevenZip, rar, tar
  case hdf5, npy, pickle, parquet, excel
  case utf16, utf32, html, lfsPointer, json, safetensors, pdf
  case png, jpeg, gif, bmp, webp, tiff, heif

  /// The number of bytes that `init(firstBytes:)` looks at.
  public static let bytesToSee = 512

  /// The kind of a file that begins with these bytes; nil if it is none of these kinds, as for plain text.
  public init?(firstBytes bytes: some Collection<UInt8>) {
    let bytes = Array(bytes.prefix(Self.bytesToSee))
    if Self.isSafetensors(bytes) {
      // Its first bytes are a length, which may look like any signature.
      self = .safetensors
    } else if let (kind, _) = Self.signatures.first(where: { bytes.starts(with: $0.1) }) {
      self = kind
    } else if bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) || bytes.starts(with: Array("PK\u{5}\u{6}".utf8)) {
      self = Self.archive(firstName: bytes.count > 30 ? Array(bytes[30...]) : [])
    } else if bytes.count >= 262, bytes[257..<262].elementsEqual("ustar".utf8) {
      self = .tar
    } else if let kind = Self.image(bytes) {
      self = kind
    } else if let kind = Self.text(bytes) {
      self = kind
    } else {
      return nil
    }
  }

  /// Prefixes that identify one kind each; where one prefix begins with another, the longer one comes first.
  private static let signatures: [(FileKind, [UInt8])] = [
    (.gzip, [0x1F, 0x8B]), (.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), (.bzip2, Array("BZh".utf8)),
    (.zstd, [0x28, 0xB5, 0x2F, 0xFD]), (.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
    (.rar, Array("Rar!\u{1A}\u{7}".utf8)),
    (.hdf5, [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]), (.npy, [0x93] + Array("NUMPY".utf8)),
    (.pickle, [0x80, 0x02]), (.pickle, [0x80, 0x03]), (.pickle, [0x80, 0x04]), (.pickle, [0x80, 0x05]),
    (.parquet, Array("PAR1".utf8)), (.excel, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
    (.utf32, [0xFF, 0xFE, 0x00, 0x00]), (.utf32, [0x00, 0x00, 0xFE, 0xFF]), (.utf16, [0xFF, 0xFE]),
    (.utf16, [0xFE, 0xFF]),
    (.lfsPointer, Array("version https://git-lfs".utf8)), (.pdf, Array("%PDF-".utf8)),
    (.png, [0x89, 0x50, 0x4E, 0x47]), (.jpeg, [0xFF, 0xD8, 0xFF]), (.gif, Array("GIF8".utf8)),
    (.tiff, [0x49, 0x49, 42, 0]), (.tiff, [0x4D, 0x4D, 0, 42]),
  ]

  /// The kind of a zip archive, by the name of its first member.
  private static func archive(firstName: [UInt8]) -> FileKind {
    let name = String(decoding: firstName.prefix(100), as: UTF8.self)
    if name.hasPrefix("[Content_Types].xml") || name.hasPrefix("_rels/") || name.hasPrefix("xl/") { return .xlsx }
    if name.hasPrefix("metadata.json") || name.hasPrefix("config.json") || name.hasPrefix("model.weights.h5") {
      return .keras
    }
    if name.contains("data.pkl") || name.contains("/.data/") || name.contains("/byteorder") { return .torch }
    if name.prefix(while: { $0 != "\u{0}" }).contains(".npy") { return .npz }
    return .zip
  }

  /// Image formats whose signature is not at the beginning, or too short to be one by itself.
  private static func image(_ bytes: [UInt8]) -> FileKind? {
    guard bytes.count >= 12 else { return nil }
    if bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8) { return .webp }
    // The brands of ISO base media files with pictures: HEIC, HEIF and AVIF.
    if bytes[4..<8].elementsEqual("ftyp".utf8) {
      let brand = String(decoding: bytes[8..<12], as: UTF8.self)
      return ["heic", "heix", "hevc", "mif1", "msf1", "avif"].contains(brand) ? .heif : nil
    }
    // "BM", the file's size, and four zero bytes.
    return bytes.starts(with: "BM".utf8) && bytes[6..<10].allSatisfy { $0 == 0 } ? .bmp : nil
  }

  private static func text(_ bytes: [UInt8]) -> FileKind? {
    // UTF-16 without a byte order mark: ASCII with a zero in every other byte.
    let head = bytes.prefix(64)
    if head.count >= 16 {
      let (even, odd) = (
        head.indices.filter { $0 % 2 == 0 && head[$0] == 0 }, head.indices.filter { $0 % 2 == 1 && head[$0] == 0 }
      )
      if max(even.count, odd.count) >= head.count / 2 - 2, min(even.count, odd.count) == 0 { return .utf16 }
    }
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    let visible = start.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    let word = String(decoding: visible.prefix(16), as: UTF8.self).lowercased()
    if ["<!doctype", "<html", "<head", "<?xml", "<!--"].contains(where: word.hasPrefix) { return .html }
    if visible.first == UInt8(ascii: "{") || visible.first == UInt8(ascii: "[") { return .json }
    return nil
  }
}

extension FileKind {
  /// Whether bytes begin as safetensors do: with the header's length in 8 bytes, and the header.
  private static func isSafetensors(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 9 && bytes[8] == UInt8(ascii: "{") && bytes[4..<8].allSatisfy { $0 == 0 }
  }

  /// What the reader expected.
  public enum Wanted: Sendable {
    /// The data set's CSV.
    case csv
    /// A model in the safetensors format.
    case model
  }

  /// What is wrong and what to do, to follow the file's name: `is a zip archive, not a CSV file; unpack it (unzip) and
  /// use the CSV file in it`.
  public func complaint(_ wanted: Wanted) -> String {
    let file = wanted == .csv ? "the CSV file" : "the safetensors file"
    return "is \(name), not \(wanted == .csv ? "a CSV file" : "a safetensors file"); \(advice(wanted, file))"
  }

  /// The kind in words, with an article.
  public var name: String {
    switch self {
    case .zip: "a zip archive"
    case .xlsx: "an Excel workbook (xlsx)"
    case .keras: "a Keras model (.keras)"
    case .npz: "a NumPy archive (npz)"
    case .torch: "a PyTorch file (.pt, .pth)"
    case .gzip: "compressed with gzip"
    case .xz: "compressed with xz"
    case .bzip2: "compressed with bzip2"
    case .zstd: "compressed with zstd"
    case .sevenZip: "a 7z archive"
    case .rar: "a RAR archive"
    case .tar: "a tar archive"
    case .hdf5: "an HDF5 file (Keras' .h5)"
    case .npy: "a NumPy array (npy)"
    case .pickle: "a Python pickle"
    case .parquet: "a Parquet file"
    case .excel: "a legacy Excel or Office document"
    case .utf16: "UTF-16 text"
    case .utf32: "UTF-32 text"
    case .html: "a web page"
    case .lfsPointer: "a Git LFS pointer to the file"
    case .json: "JSON"
    case .safetensors: "a safetensors file"
    case .pdf: "a PDF document"
    case .png: "a PNG image"
    case .jpeg: "a JPEG image"
    case .gif: "a GIF image"
    case .bmp: "a BMP image"
    case .webp: "a WebP image"
    case .tiff: "a TIFF image"
    case .heif: "an HEIF or AVIF image"
    }
  }

  private func advice(_ wanted: Wanted, _ file: String) -> String {
    switch self {
    case .zip: "unpack it (unzip) and use \(file) in it"
    case .gzip: "unpack it (gunzip) and use the result"
    case .xz: "unpack it (unxz) and use the result"
    case .bzip2: "unpack it (bunzip2) and use the result"
    case .zstd: "unpack it (unzstd) and use the result"
    case .sevenZip: "unpack it (7z x) and use \(file) in it"
    case .rar: "unpack it (unrar x) and use \(file) in it"
    case .tar: "unpack it (tar xf) and use \(file) in it"
    case .xlsx, .excel: "save it as comma-separated CSV (UTF-8) and use that"
    case .utf16: "convert it: iconv -f UTF-16 -t UTF-8"
    case .utf32: "convert it: iconv -f UTF-32 -t UTF-8"
    case .html: "the download returned a page, perhaps one that asks you to sign in; get the file itself"
    case .lfsPointer: "fetch the file with: git lfs pull"
    case .keras, .hdf5, .torch, .pickle, .npz, .npy, .parquet:
      wanted == .csv
        ? "write its rows as CSV and use that"
        : "write its tensors as safetensors (docs/run-folder.md shows how) and use that"
    case .safetensors: "it holds a model or a checkpoint; use the data set's CSV file"
    case .json, .pdf, .png, .jpeg, .gif, .bmp, .webp, .tiff, .heif: "use \(file) itself"
    }
  }
}
