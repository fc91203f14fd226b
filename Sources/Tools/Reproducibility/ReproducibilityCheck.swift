import Platform

/// How many workers of which kind train a run.
public struct WorkerLayout: Hashable, Sendable, CustomStringConvertible {
  /// What a worker is.
  public enum Kind: String, Sendable {
    /// A thread of this process.
    case thread
    /// A rank that mpirun starts.
    case rank
  }

  /// What a worker is.
  public var kind: Kind
  /// The number of workers.
  public var workers: Int

  /// A number of workers of a kind.
  public init(_ kind: Kind, _ workers: Int) {
    self.kind = kind
    self.workers = workers
  }

  /// The layout in words: `3 threads`.
  public var description: String { counted(workers, kind.rawValue) }

  /// The layouts to compare: each count of workers as threads, then as ranks.
  public static func all(workers: [Int], ranks: Bool) -> [WorkerLayout] {
    workers.map { WorkerLayout(.thread, $0) } + (ranks ? workers.map { WorkerLayout(.rank, $0) } : [])
  }
}

/// The comparison of one short run on many layouts, layout by layout: pure, so that it can be tested without a run.
public struct ReproducibilityCheck: Sendable {
  /// What became of a layout.
  public enum Verdict: Equatable, Sendable {
    /// The first one that was trained: what the others are compared with.
    case reference
    /// The same bits in every epoch.
    case same
    /// Other bits in that epoch, from 1, and perhaps later; in the parameters, or else in the history alone.
    case differs(epoch: Int, inParameters: Bool)
    /// It ended after another number of epochs.
    case otherLength(epochs: Int)
    /// It was not trained, for that reason.
    case failed(String)
  }

  private var reference: (layout: WorkerLayout, epochs: [EpochFingerprint])?
  /// The layouts so far.
  public private(set) var verdicts: [(layout: WorkerLayout, verdict: Verdict)] = []

  /// A check without layouts.
  public init() {}

  /// Takes the epochs of a layout, or the reason why there are none, and gives its line of the table.
  public mutating func add(_ layout: WorkerLayout, _ result: Result<[EpochFingerprint], LayoutFailure>) -> String {
    let verdict = judge(result)
    verdicts.append((layout, verdict))
    guard case .success(let epochs) = result, let last = epochs.last else { return row("\(layout)", text(verdict)) }
    if verdict == .reference { reference = (layout, epochs) }
    return row(
      "\(layout)", String(last.parametersSHA256.prefix(16)), String(EpochFingerprint.historySHA256(epochs).prefix(16)),
      text(verdict))
  }

  /// The head of the table.
  public var header: String { row("workers", "parameters", "history") }

  /// Whether every layout was trained and gave the same bits.
  public var holds: Bool {
    reference != nil && verdicts.allSatisfy { $0.verdict == .same || $0.verdict == .reference }
  }

  /// The outcome in a sentence.
  public var conclusion: String {
    guard !holds else {
      let layouts = verdicts.count == 1 ? "the only layout" : "all \(verdicts.count) layouts"
      return "The same parameters, losses and accuracies, bit for bit, on \(layouts)."
    }
    let failed = verdicts.count { if case .failed = $0.verdict { true } else { false } }
    let different = verdicts.count { $0.verdict != .same && $0.verdict != .reference } - failed
    return
      "Not reproducible: of \(counted(verdicts.count, "layout")), \(different) gave other bits and \(failed) failed."
  }

  private func judge(_ result: Result<[EpochFingerprint], LayoutFailure>) -> Verdict {
    switch result {
    case .failure(let failure): return .failed(failure.description)
    case .success([]): return .failed("it ended without an epoch")
    case .success(let epochs):
      guard let reference else { return .reference }
      for (index, pair) in zip(reference.epochs, epochs).enumerated() where pair.0 != pair.1 {
        return .differs(epoch: index + 1, inParameters: pair.0.parametersSHA256 != pair.1.parametersSHA256)
      }
      return epochs.count == reference.epochs.count ? .same : .otherLength(epochs: epochs.count)
    }
  }

  private func text(_ verdict: Verdict) -> String {
    let compared = reference.map { "\($0.layout)" } ?? ""
    switch verdict {
    case .reference: return ""
    case .same: return "same"
    case .differs(let epoch, let inParameters):
      return "DIFFERS from \(compared) in epoch \(epoch), in the \(inParameters ? "parameters" : "history alone")"
    case .otherLength(let epochs):
      return "DIFFERS from \(compared): it trained \(counted(epochs, "epoch")), not \(reference?.epochs.count ?? 0)"
    case .failed(let reason): return "FAILED: \(reason)"
    }
  }

  private func row(_ cells: String...) -> String {
    let widths = [12, 18, 18]
    var line = ""
    for (index, cell) in cells.enumerated() {
      let isLast = index == cells.count - 1
      line += isLast ? cell : cell + String(repeating: " ", count: max(1, widths[index] - cell.count))
    }
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}

/// Why a layout was not trained.
public struct LayoutFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reason, on one line.
  public let description: String

  /// A failure for that reason.
  public init(_ description: String) {
    self.description = description
  }
}
