/// An HDF5 file as Keras and h5py write it: groups, attributes with a text, and arrays of numbers.
///
/// This is a reader of that part of the format (The HDF Group's File Format Specification 3.0) alone, because the HDF5 library itself
/// crashes on damaged files: of 6,000 copies of a small file with one to four wrong places, version 1.10.8 ended ten times in a
/// segmentation fault, and once did not end. Here every address and size is checked before it is used; nothing that a file claims is
/// allocated before it has the extent that the network needs.
///
/// Read are superblocks 0 to 3, object headers 1 and 2, groups with a symbol table or few links, and contiguous, compact and chunked
/// arrays with deflate, shuffle and Fletcher-32. What only `libver="latest"` writes is refused by name.
struct HDF5File {
  let source: any HDF5Bytes
  /// The address of the root group's object header.
  private let root: Int

  /// Limits against files that are not meant: objects in all, and groups within groups.
  static let objectLimit = 20_000, depthLimit = 24

  /// Opens a file.
  init(_ source: any HDF5Bytes) throws(HDF5Error) {
    self.source = source
    var start = try source.part(at: 0, count: min(source.size, 128))
    guard source.size >= 9, try start.take(8) == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A] else {
      throw .damaged("it does not begin as one")
    }
    let version = try start.number(1)
    switch version {
    case 0, 1:
      try start.skip(4)
      try Self.require8(start.number(1), start.number(1))
      // Reserved, the B-trees' widths, flags; base, free space, end, driver; then the root's link name.
      try start.skip(version == 0 ? 9 : 13)
      guard try start.number(8) == 0 else { throw .unsupported("has a user block") }
      try start.skip(24 + 8)
      root = try start.number(8)
    case 2, 3:
      try Self.require8(start.number(1), start.number(1))
      try start.skip(1)
      guard try start.number(8) == 0 else { throw .unsupported("has a user block") }
      try start.skip(16)
      root = try start.number(8)
    default: throw .damaged("its superblock has version \(version)")
    }
  }

  private static func require8(_ offsets: Int, _ lengths: Int) throws(HDF5Error) {
    guard offsets == 8, lengths == 8 else {
      throw .unsupported("has addresses of \(offsets) and lengths of \(lengths) bytes")
    }
  }

  /// An object: a group or an array.
  func object(at address: Int) throws(HDF5Error) -> HDF5Object { try HDF5Object(source, at: address) }

  /// The root group.
  func rootGroup() throws(HDF5Error) -> HDF5Object { try object(at: root) }

  /// All arrays below a group, with their paths relative to it, in the order of their names.
  func arrays(below group: HDF5Object) throws(HDF5Error) -> [(path: String, object: HDF5Object)] {
    var found: [(path: String, object: HDF5Object)] = []
    var seen: Set<Int> = [group.address]
    try collect(group, prefix: "", depth: 0, &seen, &found)
    return found
  }

  private func collect(
    _ group: HDF5Object, prefix: String, depth: Int, _ seen: inout Set<Int>,
    _ found: inout [(path: String, object: HDF5Object)]
  ) throws(HDF5Error) {
    guard depth < Self.depthLimit else { throw .unsupported("has groups within groups, \(Self.depthLimit) deep") }
    for (name, address) in try group.children() {
      // Links may lead back: each object is visited once.
      guard seen.insert(address).inserted else { continue }
      guard seen.count <= Self.objectLimit else { throw .unsupported("has more than \(Self.objectLimit) objects") }
      let child = try object(at: address)
      if child.isGroup {
        try collect(child, prefix: "\(prefix)\(name)/", depth: depth + 1, &seen, &found)
      } else if child.isArray {
        found.append(("\(prefix)\(name)", child))
      }
    }
  }
}
