/// An array of an HDF5 file: its type and shape, and where its elements are.
struct HDF5Array {
  let type: HDF5Type
  /// The extents; nil where it holds nothing.
  let shape: [Int]?

  private let object: HDF5Object
  private var source: any HDF5Bytes { object.source }

  /// Reads what an object says about its elements; these are not looked at yet.
  init(_ object: HDF5Object) throws(HDF5Error) {
    guard let type = object.message(HDF5Object.Kind.datatype), let space = object.message(HDF5Object.Kind.dataspace)
    else {
      throw .damaged("an array has no type or no shape")
    }
    self.object = object
    self.type = try HDF5Type(type)
    shape = try hdf5Shape(space)
  }

  /// The type of its numbers as weights; nil if they are none. Bytes are bfloat16 where an attribute says so, as Keras writes it.
  var weightType: WeightType? {
    switch type {
    case .float(let type): type
    case .opaque(2): ((try? object.text("dtype")) ?? nil) == WeightType.bfloat16.kerasName ? .bfloat16 : nil
    default: nil
    }
  }

  /// The elements' bytes in row-major order. The caller has checked the shape: as many bytes are allocated as it needs.
  func elements() throws(HDF5Error) -> [UInt8] {
    guard let shape, let size = type.bytes, (1...64).contains(size) else { throw .damaged("an array has no elements") }
    let count = shape.reduce(size, *)
    guard var layout = object.message(HDF5Object.Kind.layout) else { throw .damaged("an array is nowhere") }
    let version = try layout.number(1)
    guard version == 3 || version == 4 else { throw .unsupported("has an array in layout \(version)") }
    let kind = try layout.number(1)
    switch kind {
    case 0:
      let length = try layout.number(2)
      guard length == count else { throw .damaged("an array's elements take \(length) bytes, not \(count)") }
      return try layout.take(length)
    case 1:
      let (address, length) = (try layout.number(8), try layout.number(8))
      guard length == count else { throw .damaged("an array's elements take \(length) bytes, not \(count)") }
      // What was never written is zero.
      return address == -1 ? [UInt8](repeating: 0, count: count) : try source.bytes(at: address, count: count)
    case 2 where version == 3: return try chunked(layout, shape, size: size, count: count)
    default: throw .unsupported("has an array in the form of libver='latest'")
    }
  }

  private func chunked(
    _ message: HDF5Part, _ shape: [Int], size: Int, count: Int
  ) throws(HDF5Error) -> [UInt8] {
    var message = message
    let rank = try message.number(1) - 1
    let tree = try message.number(8)
    guard rank == shape.count else { throw .damaged("an array's chunks have other dimensions") }
    var chunk: [Int] = []
    for _ in 0..<rank { chunk.append(try message.number(4)) }
    guard try message.number(4) == size else { throw .damaged("an array's chunks have other elements") }
    // A chunk may be larger than the array, but not by much more than rounding up.
    var (bytes, chunks) = (size, 1)
    for (extent, side) in zip(shape, chunk) {
      guard side > 0, case let product = bytes.multipliedReportingOverflow(by: side), !product.overflow,
        product.partialValue <= 4 * count + 4096
      else { throw .damaged("an array's chunks are larger than the array") }
      bytes = product.partialValue
      chunks *= (extent + side - 1) / side
    }
    let filters = try HDF5Filters(object.message(HDF5Object.Kind.filters), elementBytes: size)
    var elements = [UInt8](repeating: 0, count: count)
    guard tree != -1 else { return elements }
    var seen = 0
    try HDF5Tree(source, kind: 1, keyBytes: 8 + 8 * (rank + 1)).visit(tree) { key, address throws(HDF5Error) in
      seen += 1
      guard seen <= chunks else { throw HDF5Error.damaged("an array has too many chunks") }
      var key = key
      let (stored, mask) = (try key.number(4), try key.number(4))
      var offset: [Int] = []
      for extent in shape {
        let start = try key.number(8)
        guard (0..<max(1, extent)).contains(start) else { throw HDF5Error.damaged("a chunk lies outside of its array") }
        offset.append(start)
      }
      let raw = try filters.undo(try source.bytes(at: address, count: stored), mask: mask, count: bytes)
      Self.place(raw, chunk, at: offset, in: &elements, shape, size: size)
    }
    return elements
  }

  /// Copies a chunk's rows to their places; what lies beyond the array's end is left out.
  private static func place(
    _ raw: [UInt8], _ chunk: [Int], at offset: [Int], in elements: inout [UInt8], _ shape: [Int], size: Int
  ) {
    guard let last = shape.indices.last else {
      elements.replaceSubrange(0..<size, with: raw.prefix(size))
      return
    }
    let run = min(chunk[last], shape[last] - offset[last]) * size
    var index = [Int](repeating: 0, count: shape.count)
    let rows = chunk.dropLast().reduce(1, *)
    for row in 0..<rows {
      // The row's place in the array: its index in the chunk, and the chunk's.
      var (rest, target, lies) = (row, 0, true)
      for axis in (0..<last).reversed() {
        index[axis] = rest % chunk[axis] + offset[axis]
        rest /= chunk[axis]
        lies = lies && index[axis] < shape[axis]
      }
      guard lies, run > 0 else { continue }
      for axis in 0..<last { target = target * shape[axis] + index[axis] }
      let start = (target * shape[last] + offset[last]) * size
      let from = row * chunk[last] * size
      elements.replaceSubrange(start..<start + run, with: raw[from..<from + run])
    }
  }
}
