import FoundationEssentials
import Kernels
import NeuralNet
import Platform

/// A network's layers as a table, with their sums.
struct NetworkSummary {
  private let architecture: Architecture

  init(_ architecture: Architecture) { self.architecture = architecture }

  private static let head = ["Layer (type)", "Output shape", "Param #", "MACs"]

  private var rows: [[String]] {
    architecture.stages.map { stage in
      [
        foreign("\(stage.name) (\(type(of: stage.layer).kerasName))", limit: 60), "\(stage.output)",
        stage.layer.weights(stage.input).reduce(0) { $0 + $1.shape.reduce(1, *) }.grouped,
        stage.layer.multiplyAccumulates(stage.input).grouped,
      ]
    }
  }

  /// The table, as Keras' `model.summary()` draws it, and the sums.
  var text: String {
    let lines = [Self.head] + rows
    let widths = Self.head.indices.map { column in lines.map { $0[column].columns }.max() ?? 0 }
    func rule(_ left: String, _ line: String, _ cross: String, _ right: String) -> String {
      left + widths.map { String(repeating: line, count: $0 + 2) }.joined(separator: cross) + right
    }
    func text(_ cells: [String], _ edge: String, _ inner: String) -> String {
      let padded = zip(cells, widths).enumerated().map { column, cell in
        column < 2 ? cell.0.left(cell.1) : cell.0.right(cell.1)
      }
      return "\(edge) " + padded.joined(separator: " \(inner) ") + " \(edge)"
    }
    let table =
      [rule("┏", "━", "┳", "┓"), text(Self.head, "┃", "┃"), rule("┡", "━", "╇", "┩")]
      + Array(rows.map { [text($0, "│", "│")] }.joined(separator: [rule("├", "─", "┼", "┤")]))
      + [rule("└", "─", "┴", "┘")]
    return "Model: \"\(foreign(architecture.name, limit: 60))\", input (None, "
      + architecture.input.dimensions.map(String.init).joined(separator: ", ") + ")\n"
      + table.joined(separator: "\n") + "\n" + sums
  }

  private var sums: String {
    let count = architecture.layout.count
    let forward = architecture.stages.reduce(0) { $0 + $1.layer.multiplyAccumulates($1.input) }
    let network = Network(training: architecture)
    return """
      Total params: \(count.grouped) (\(bytes(count * MemoryLayout<Float>.stride)))
      Multiply-accumulates of a sample: \(forward.grouped) forward, \
      \(architecture.multiplyAccumulatesPerSample.grouped) in training
      Memory of a worker: \(bytes(network.byteCount)) for micro-batches of \(MicroBatch.size) samples

      """
  }

  private func bytes(_ count: Int) -> String {
    count < 1 << 20 ? "\((Double(count) / 1024).fixed(1)) KiB" : "\((Double(count) / 1_048_576).fixed(1)) MiB"
  }

  /// The network's JSON, for people.
  func json() throws -> String {
    String(decoding: try ExactJSON.encoder(.readable).encode(architecture), as: UTF8.self) + "\n"
  }
}

extension Int {
  /// With commas between groups of three digits: `77,273`.
  fileprivate var grouped: String {
    var text = ""
    for (place, digit) in String(self).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
