/// What a group has: names and addresses of objects.
extension HDF5Object {
  /// The most names of a group, and the longest heap of names in bytes.
  private static let nameLimit = 1 << 16, heapLimit = 1 << 24

  /// The objects in a group, in the order of their names; links to other places and files are left out.
  func children() throws(HDF5Error) -> [(name: String, address: Int)] {
    if var table = message(Kind.symbolTable) {
      let (tree, heap) = (try table.number(8), try table.number(8))
      return try symbols(tree, names: heapSegment(heap))
    }
    if var info = message(Kind.linkInfo) {
      try info.skip(1)
      let flags = try info.number(1)
      try info.skip(flags & 1 == 0 ? 0 : 8)
      guard try info.number(8) == -1 else { throw .unsupported("has a group in the dense form of libver='latest'") }
    }
    var found: [(name: String, address: Int)] = []
    for message in messages where message.kind == Kind.link {
      if let link = try Self.link(HDF5Part(message.bytes)) { found.append(link) }
    }
    return found.sorted { $0.name < $1.name }
  }

  /// The object of a name in a group; nil if there is none.
  func child(_ name: String) throws(HDF5Error) -> HDF5Object? {
    guard isGroup, let found = try children().first(where: { $0.name == name }) else { return nil }
    return try HDF5Object(source, at: found.address)
  }

  private static func link(_ message: HDF5Part) throws(HDF5Error) -> (name: String, address: Int)? {
    var message = message
    guard try message.number(1) == 1 else { throw .damaged("a link has an unknown version") }
    let flags = try message.number(1)
    let isHard = flags & 0x08 == 0 ? true : try message.number(1) == 0
    try message.skip((flags & 0x04 == 0 ? 0 : 8) + (flags & 0x10 == 0 ? 0 : 1))
    let length = try message.number(1 << (flags & 3))
    let name = String(decoding: try message.take(length), as: UTF8.self)
    return isHard ? (name, try message.number(8)) : nil
  }

  /// The names of a group with a symbol table: its local heap's data.
  private func heapSegment(_ address: Int) throws(HDF5Error) -> [UInt8] {
    var heap = try source.part(at: address, count: 32)
    try heap.signature("HEAP")
    try heap.skip(4)
    let size = try heap.number(8)
    try heap.skip(8)
    guard size <= Self.heapLimit else { throw .damaged("a group's names take \(size) bytes") }
    return try source.bytes(at: heap.number(8), count: size)
  }

  /// The entries of a group's B-tree.
  private func symbols(_ root: Int, names: [UInt8]) throws(HDF5Error) -> [(name: String, address: Int)] {
    var found: [(name: String, address: Int)] = []
    try HDF5Tree(source, kind: 0, keyBytes: 8).visit(root) { _, address throws(HDF5Error) in
      var node = try source.part(at: address, count: 8)
      try node.signature("SNOD")
      try node.skip(2)
      let count = try node.number(2)
      node = try source.part(at: address + 8, count: 40 * count)
      for _ in 0..<count {
        let (name, object, cache) = (try node.number(8), try node.number(8), try node.number(4))
        try node.skip(20)
        guard (0..<names.count).contains(name) else { throw HDF5Error.damaged("a name lies outside of its heap") }
        // A cached soft link leads to a path, not to an object.
        guard cache != 2 else { continue }
        guard found.count < Self.nameLimit else { throw HDF5Error.damaged("a group has too many names") }
        found.append((String(decoding: names[name...].prefix { $0 != 0 }, as: UTF8.self), object))
      }
    }
    return found
  }
}

/// A B-tree of version 1: of a group's names (kind 0) or of an array's chunks (kind 1).
struct HDF5Tree {
  private let source: any HDF5Bytes
  private let kind: Int, keyBytes: Int

  /// The most nodes, and the most levels.
  private static let nodeLimit = 1 << 16, levelLimit = 16

  init(_ source: any HDF5Bytes, kind: Int, keyBytes: Int) {
    self.source = source
    self.kind = kind
    self.keyBytes = keyBytes
  }

  /// Calls `body` with the key and the address of each leaf, in order.
  func visit(_ root: Int, _ body: (HDF5Part, Int) throws(HDF5Error) -> Void) throws(HDF5Error) {
    var nodes = 0
    try visit(root, level: nil, &nodes, body)
  }

  private func visit(
    _ address: Int, level expected: Int?, _ nodes: inout Int, _ body: (HDF5Part, Int) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    nodes += 1
    guard nodes <= Self.nodeLimit else { throw .damaged("a tree has too many nodes") }
    var node = try source.part(at: address, count: 24)
    try node.signature("TREE")
    guard try node.number(1) == kind else { throw .damaged("a tree is of another kind") }
    let (level, count) = (try node.number(1), try node.number(2))
    guard level == expected ?? level, level < Self.levelLimit else { throw .damaged("a tree's levels are wrong") }
    var entries = try source.part(at: address + 24, count: count * (keyBytes + 8))
    for _ in 0..<count {
      let key = HDF5Part(try entries.take(keyBytes))
      let child = try entries.number(8)
      if level == 0 {
        try body(key, child)
      } else {
        try visit(child, level: level - 1, &nodes, body)
      }
    }
  }
}
