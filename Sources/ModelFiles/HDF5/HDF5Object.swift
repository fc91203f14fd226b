/// An object of an HDF5 file: its header's messages, which say what it is.
struct HDF5Object {
  /// A message: what kind, and its bytes.
  struct Message {
    let kind: Int
    let bytes: [UInt8]
  }

  /// Kinds of messages that are looked at (section IV.A.2 of the specification).
  enum Kind {
    static let dataspace = 0x01, linkInfo = 0x02, datatype = 0x03, link = 0x06, layout = 0x08, filters = 0x0B,
      attribute = 0x0C
    static let continuation = 0x10, symbolTable = 0x11, attributeInfo = 0x15
  }

  let source: any HDF5Bytes
  /// Where the header is in the file.
  let address: Int
  let messages: [Message]

  /// Limits of one header: its parts, their bytes, and the messages in all.
  private static let partLimit = 64, byteLimit = 1 << 20, messageLimit = 1 << 14

  /// Reads the header at an address.
  init(_ source: any HDF5Bytes, at address: Int) throws(HDF5Error) {
    self.source = source
    self.address = address
    let signature = try source.bytes(at: address, count: 4)
    messages =
      try signature.elementsEqual("OHDR".utf8)
      ? Self.version2(source, address) : Self.version1(source, address, version: signature[0])
  }

  /// The first message of a kind; nil if there is none.
  func message(_ kind: Int) -> HDF5Part? { messages.first { $0.kind == kind }.map { HDF5Part($0.bytes) } }

  var isGroup: Bool { messages.contains { [Kind.symbolTable, Kind.link, Kind.linkInfo].contains($0.kind) } }
  var isArray: Bool { messages.contains { $0.kind == Kind.layout } }

  private static func version1(
    _ source: any HDF5Bytes, _ address: Int, version: UInt8
  ) throws(HDF5Error) -> [Message] {
    guard version == 1 else { throw .damaged("an object's header has version \(version)") }
    var start = try source.part(at: address, count: 12)
    try start.skip(8)
    var parts = [(address: address + 16, count: try start.number(4))]
    var (messages, bytes, next) = ([Message](), 0, 0)
    while next < parts.count {
      let (at, count) = parts[next]
      next += 1
      bytes += max(0, count)
      guard next <= partLimit, count <= byteLimit, bytes <= byteLimit else {
        throw .damaged("an object's header is too long")
      }
      var part = try source.part(at: at, count: count)
      while part.rest >= 8 {
        let (kind, size) = (try part.number(2), try part.number(2))
        let flags = try part.number(1)
        try part.skip(3)
        var body = try part.take(size)
        if flags & 2 != 0 { body = [] }
        if kind == Kind.continuation { parts.append(try continuation(body)) }
        messages.append(Message(kind: kind, bytes: body))
        guard messages.count <= messageLimit else { throw .damaged("an object's header is too long") }
      }
    }
    return messages
  }

  private static func version2(_ source: any HDF5Bytes, _ address: Int) throws(HDF5Error) -> [Message] {
    var start = try source.part(at: address, count: min(48, max(0, source.size - address)))
    try start.skip(4)
    let (version, flags) = (try start.number(1), try start.number(1))
    guard version == 2 else { throw .damaged("an object's header has version \(version)") }
    if flags & 0x20 != 0 { try start.skip(16) }
    if flags & 0x10 != 0 { try start.skip(4) }
    let size = try start.number(1 << (flags & 3))
    var parts = [(address: address + start.position, count: size)]
    var (messages, bytes, next) = ([Message](), 0, 0)
    while next < parts.count {
      let (at, count) = parts[next]
      bytes += max(0, count)
      guard next < partLimit, count <= byteLimit, bytes <= byteLimit else {
        throw .damaged("an object's header is too long")
      }
      var part = try source.part(at: at, count: count)
      if next > 0 { try part.signature("OCHK") }
      next += 1
      // The first part's checksum follows it, the others' end with theirs.
      let tail = next == 1 ? 0 : 4
      while part.rest >= 4 + (flags & 4 == 0 ? 0 : 2) + tail {
        let kind = try part.number(1)
        let size = try part.number(2)
        let shared = try part.number(1) & 2 != 0
        if flags & 4 != 0 { try part.skip(2) }
        let body = shared ? [] : try part.take(size)
        if shared { try part.skip(size) }
        if kind == Kind.continuation { parts.append(try continuation(body)) }
        messages.append(Message(kind: kind, bytes: body))
        guard messages.count <= messageLimit else { throw .damaged("an object's header is too long") }
      }
    }
    return messages
  }

  private static func continuation(_ body: [UInt8]) throws(HDF5Error) -> (address: Int, count: Int) {
    var body = HDF5Part(body)
    return (try body.number(8), try body.number(8))
  }
}
