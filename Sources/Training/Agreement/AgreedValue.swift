import Communication
import Platform

/// Something that all workers of a job must have alike before they do anything together: an option, the command, the build.
public struct AgreedValue: Hashable, Sendable {
  /// What it is, as a user knows it: `--seed`.
  public let name: String
  /// Its value as text.
  public let value: String

  /// A value.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension Communicator {
  /// Lets all workers fail alike (64) unless they have the same values. Collective.
  ///
  /// Where all is well this is one all-reduce of 64 bytes: the largest digest, and the largest of the digests' complements,
  /// which is the complement of the smallest. Only workers that disagree send what they have.
  public func requireAgreement(on values: [AgreedValue]) throws {
    guard try !haveSameDigest(Self.digest(values)) else { return }
    let text = values.map { "\($0.name)\u{1F}\($0.value)" }.joined(separator: "\u{1E}")
    let texts = try allGather(Array(text.utf8))
    let hosts = try allGather(Array(Host.name.utf8)).map { String(decoding: $0, as: UTF8.self) }
    let disagreement = Disagreement(
      workers: texts.map { Self.values(String(decoding: $0, as: UTF8.self)) }, hosts: hosts)
    throw Failure(.usage, disagreement.description, isCollective: true)
  }

  private func haveSameDigest(_ digest: SHA256Digest) throws -> Bool {
    let words = (0..<4).map { word in
      digest.bytes[8 * word..<8 * word + 8].reduce(Int(0)) { $0 << 8 | Int($1) }
    }
    var extremes = words + words.map { ~$0 }
    try allReduce(&extremes, .maximum)
    return (0..<4).allSatisfy { extremes[$0] == ~extremes[4 + $0] }
  }

  private static func digest(_ values: [AgreedValue]) -> SHA256Digest {
    SHA256Digest(of: values.flatMap { Array($0.name.utf8) + [0x1F] + Array($0.value.utf8) + [0x1E] })
  }

  private static func values(_ text: String) -> [AgreedValue] {
    text.split(separator: "\u{1E}").map { entry in
      let parts = entry.split(separator: "\u{1F}", maxSplits: 1, omittingEmptySubsequences: false)
      return AgreedValue(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
  }
}
