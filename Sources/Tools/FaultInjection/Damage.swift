import Platform

/// What happens to the checkpoints of a job that has ended.
public struct Damage: Equatable, Sendable {
  /// The kinds of damage, by the words that name them in a summary.
  public enum Kind: String, CaseIterable, Sendable {
    /// The file is truncated to `amount` thousandths of its length.
    case truncate
    /// The file is there, with nothing in it.
    case empty
    /// `amount` bytes change, anywhere.
    case flip
    /// The file is gone.
    case delete
    /// A temporary file lies beside it, truncated to `amount` thousandths, as a kill in the middle of a write leaves one.
    case temporary = "leave a temporary file"
  }

  /// What happens.
  public var kind: Kind
  /// To how many checkpoints, from the newest.
  public var checkpoints: Int
  /// How much of it: thousandths or bytes.
  public var amount: Int
  /// The seed of the offsets of changed bytes.
  public var seed: UInt64

  /// A damage.
  public init(_ kind: Kind, checkpoints: Int = 1, amount: Int = 0, seed: UInt64 = 0) {
    self.kind = kind
    self.checkpoints = checkpoints
    self.amount = amount
    self.seed = seed
  }

  /// The damage in words.
  public var text: String {
    let files = checkpoints == 1 ? "the newest" : "the newest \(checkpoints)"
    return switch kind {
    case .truncate: "truncate \(files) to \(amount / 10) %"
    case .empty: "empty \(files)"
    case .flip: "change \(counted(amount, "byte")) of \(files)"
    case .delete: "delete \(files)"
    case .temporary: kind.rawValue
    }
  }

  /// Whether a reader of the checkpoint has to notice, and to say so.
  var leavesBadFile: Bool { [.truncate, .empty, .flip].contains(kind) }

  /// What a file of these bytes becomes, or what lies beside it; nil if it goes.
  public func applied(to bytes: [UInt8]) -> [UInt8]? {
    switch kind {
    case .truncate, .temporary: return Array(bytes.prefix(bytes.count * amount / 1000))
    case .empty: return []
    case .delete: return nil
    case .flip:
      var bytes = bytes
      var random = ChaosDraws(seed: seed)
      // Each offset once, or two changes of one byte could cancel out.
      var offsets: Set<Int> = []
      while offsets.count < min(amount, bytes.count) { offsets.insert(random.number(below: bytes.count)) }
      // A set has another order each time.
      for offset in offsets.sorted() { bytes[offset] ^= UInt8(1 + random.number(below: 255)) }
      return bytes
    }
  }
}
