/// What a convolution or a pooling does at the edges.
public enum Padding: String, CaseIterable, Hashable, Sendable {
  /// Windows lie inside the input.
  case valid
  /// There is an output for every `stride` positions; windows may reach outside, as far at the end as at the beginning or
  /// one further.
  case same
}

/// The windows of a convolution or pooling over one or two dimensions, as Keras and TensorFlow place them.
struct Windows {
  /// The dimensions of the input's and the output's positions.
  let input: [Int], output: [Int]
  /// The size of a window.
  let size: [Int]
  let strides: [Int]
  let padding: Padding

  /// The elements of a window.
  var taps: Int { size.reduce(1, *) }
  /// The output positions.
  var positions: Int { output.reduce(1, *) }
  /// Whether no two windows overlap.
  var areDisjoint: Bool { zip(size, strides).allSatisfy { $0 <= $1 } }

  /// Windows over the positions of a sample: all dimensions but the channels.
  init(_ shape: Shape, size: [Int], strides: [Int], padding: Padding) throws(ArchitectureError) {
    guard shape.rank == size.count + 1 else {
      let names = size.count == 1 ? "[steps, channels]" : "[height, width, channels]"
      throw ArchitectureError("needs an input \(names), but its input is \(shape); reshape it, or use another layer")
    }
    input = Array(shape.dimensions.dropLast())
    self.size = size
    self.strides = strides
    self.padding = padding
    guard padding == .same || zip(input, size).allSatisfy({ $0 >= $1 }) else {
      throw ArchitectureError(
        "the window \(size) is larger than the input \(shape); use a smaller one, or padding='same'")
    }
    output = zip(input, zip(size, strides)).map { length, window in
      padding == .same ? (length + window.1 - 1) / window.1 : (length - window.0) / window.1 + 1
    }
    guard taps <= Shape.limit / positions else {
      throw ArchitectureError("\(positions) windows of \(size) are not supported; use smaller ones")
    }
  }

  /// The input position of every tap of every window, [positions, taps]; -1 outside the input.
  var table: [Int32] {
    let offsets = zip(zip(input, output), zip(size, strides)).map { sides, window in
      padding == .same ? max((sides.1 - 1) * window.1 + window.0 - sides.0, 0) / 2 : 0
    }
    func index(_ number: Int, in sides: [Int]) -> [Int] {
      sides.count == 1 ? [number] : [number / sides[1], number % sides[1]]
    }
    return (0..<positions).flatMap { position -> [Int32] in
      let place = index(position, in: output)
      return (0..<taps).map { tap -> Int32 in
        let element = index(tap, in: size)
        var number = 0
        for dimension in input.indices {
          let at = place[dimension] * strides[dimension] + element[dimension] - offsets[dimension]
          guard (0..<input[dimension]).contains(at) else { return -1 }
          number = number * input[dimension] + at
        }
        return Int32(number)
      }
    }
  }
}
