import FoundationEssentials
import Platform
import Runs
import Training

/// The files of a run folder that a report is made of. For any bytes:
///
/// 1. They are read, or refused; what is read has no fault, or one with a text.
/// 2. Without a fault every label is one of the classes, the counts add up to the rows, and every image has its format's size.
/// 3. An examination is encoded and decoded again as the same.
/// 4. The epochs of a metrics.csv are 1, 2, 3, and there is one for each line at most.
enum RunFileTarget {
  /// The first byte says which file it is.
  static func test(_ input: [UInt8]) {
    let bytes = Array(input.dropFirst())
    switch (input.first ?? 0) % 3 {
    case 0: test(examination: Data(bytes))
    case 1: test(evaluation: Data(bytes))
    default: test(metrics: bytes)
    }
  }

  private static func test(examination bytes: Data) {
    guard let examination = try? ExactJSON.decoder().decode(Examination.self, from: bytes) else { return }
    if let fault = examination.fault { return require(!fault.isEmpty, "a fault without a text") }
    let classes = 0..<examination.classes
    var sum = 0
    for cell in examination.confusion {
      require(classes ~= cell.label && classes ~= cell.prediction && cell.count > 0, "cell \(cell)")
      sum += cell.count
    }
    require(sum == examination.rows, "the counts of \(examination.rows) rows are \(sum)")
    let samples = examination.worst + examination.pairs.flatMap { $0.examples + [$0.genuine].compactMap(\.self) }
    for sample in samples {
      require(classes ~= sample.label && classes ~= sample.prediction, "sample \(sample)")
      require(sample.image.count == examination.imageFormat.count, "an image of \(sample.image.count) bytes")
    }
    require(examination.means.allSatisfy { $0.image.count == examination.imageFormat.count }, "a mean of another size")
    guard let again = try? ExactJSON.encoder().encode(examination),
      let same = try? ExactJSON.decoder().decode(Examination.self, from: again)
    else { return require(false, "an examination that cannot be written") }
    // A number that is none is not equal to itself.
    require(same == examination || examination.loss.isNaN || hasNaN(samples), "another examination is read again")
  }

  private static func hasNaN(_ samples: [Examination.Sample]) -> Bool { samples.contains { $0.probability.isNaN } }

  private static func test(evaluation bytes: Data) {
    guard let evaluation = try? ExactJSON.decoder().decode(StoredEvaluation.self, from: bytes) else { return }
    if let fault = evaluation.fault { return require(!fault.isEmpty, "a fault without a text") }
    let classes = evaluation.confusion.count
    require(evaluation.confusion.allSatisfy { $0.count == classes }, "the matrix is not square")
    require(evaluation.confusion.joined().reduce(0, +) == evaluation.rows, "the matrix does not count the rows")
  }

  private static func test(metrics bytes: [UInt8]) {
    guard let epochs = try? EpochMetrics.read(bytes, path: "metrics.csv") else { return }
    require(epochs.map(\.epoch) == Array(1..<epochs.count + 1), "epochs are missing")
    require(epochs.count <= bytes.count { $0 == UInt8(ascii: "\n") }, "more epochs than lines")
  }
}
