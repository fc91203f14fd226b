import Platform

/// What a run that has finished must have in common with the same run without faults.
public struct FinishedRun: Equatable, Sendable {
  /// SHA-256 of model.safetensors.
  public var modelSHA256: String
  /// The lines of metrics.csv, without the columns of seconds.
  public var metrics: [String]

  /// The run of these files' contents.
  public init(model: [UInt8], metrics: String) {
    modelSHA256 = SHA256Digest(of: model).description
    self.metrics = Self.withoutSeconds(metrics)
  }

  /// The run in a folder.
  public init(folder: String) throws {
    self.init(
      model: try FileBytes.read(folder + "/model.safetensors"),
      metrics: String(decoding: try FileBytes.read(folder + "/metrics.csv"), as: UTF8.self))
  }

  /// The first difference to another run, in words; nil if there is none.
  public func difference(from other: FinishedRun) -> String? {
    for (index, (mine, others)) in zip(metrics, other.metrics).enumerated() where mine != others {
      return "line \(index + 1) of metrics.csv is \(mine), without faults \(others)"
    }
    if metrics.count != other.metrics.count {
      return "metrics.csv has \(metrics.count) lines, without faults \(other.metrics.count)"
    }
    guard modelSHA256 == other.modelSHA256 else {
      return "model.safetensors has the SHA-256 \(modelSHA256), without faults \(other.modelSHA256)"
    }
    return nil
  }

  private static func withoutSeconds(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false)
    }
    let dropped = Set((lines.first ?? []).indices.filter { lines[0][$0].hasSuffix("_seconds") })
    return lines.map { fields in
      fields.indices.filter { !dropped.contains($0) }.map { String(fields[$0]) }.joined(separator: ",")
    }
  }
}
