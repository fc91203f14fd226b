/// What a convolution or a pooling does at the edges.
public enum Padding: String, CaseIterable, Hashable, Sendable {
  /// Windows lie inside the input.
  case valid
  /// There is an output for every `stride` positions; windows may reach outside, as far at the end as at the beginning or
  /// one further.
  case same
}

/// The windows of a convolution or pooling over one or two dimensions, as Keras and TensorFlow place them.
package struct Windows {
  /// The dimensions of the input's and the output's positions.
  package let input: [Int], output: [Int]
  /// The size of a window.
  package let size: [Int]
  package let strides: [Int]
  let padding: Padding

  /// The most elements of all windows: a bound on the tables' memory, of 8 bytes for an element, and for each of up to 7 channels.
  private static let limit = 1 << 25

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
    guard taps <= Self.limit / positions else {
      throw ArchitectureError(
        "\(positions) windows of \(size) are not supported: together they may have \(Self.limit) elements; use fewer or "
          + "smaller ones, or larger strides")
    }
  }

  /// The input position of every tap of every window, [positions, taps]; -1 outside the input.
  var table: [Int32] {
    // One dimension is a single row of two.
    func two(_ numbers: [Int], _ row: Int) -> (row: Int, column: Int) {
      numbers.count == 1 ? (row, numbers[0]) : (numbers[0], numbers[1])
    }
    let (sides, outputs) = (two(input, 1), two(output, 1))
    let (window, step, before) = (two(size, 1), two(strides, 1), two(offsets, 0))
    var table: [Int32] = []
    table.reserveCapacity(positions * taps)
    for outputRow in 0..<outputs.row {
      for outputColumn in 0..<outputs.column {
        for row in (outputRow * step.row - before.row)..<(outputRow * step.row - before.row + window.row) {
          let first = outputColumn * step.column - before.column
          for column in first..<first + window.column {
            let isInside = (0..<sides.row).contains(row) && (0..<sides.column).contains(column)
            table.append(isInside ? Int32(row * sides.column + column) : -1)
          }
        }
      }
    }
    return table
  }

  /// How far the first window reaches outside, in each dimension.
  private var offsets: [Int] { reach.map(\.before) }

  /// How far windows reach outside before the first position and after the last one, in each dimension.
  package var reach: [(before: Int, after: Int)] {
    zip(zip(input, output), zip(size, strides)).map { sides, window in
      let whole = padding == .same ? max((sides.1 - 1) * window.1 + window.0 - sides.0, 0) : 0
      return (whole / 2, whole - whole / 2)
    }
  }
}
