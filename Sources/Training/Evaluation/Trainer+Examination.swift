import Communication
import FoundationEssentials
import NeuralNet

extension Trainer {
  /// Collects what a report shows of the weights of an outcome. Collective; after `run`.
  ///
  /// What they make of the validation rows is known from the end of their epoch; a run that has continued since reads them again.
  ///
  /// - Returns: the examination on rank 0, the same on any layout of the workers; nil elsewhere.
  public func examine(_ outcome: TrainingOutcome) throws -> Examination? {
    let isKnown = try communicator.broadcast(bestEvaluation != nil)
    let evaluation = isKnown ? bestEvaluation : try evaluator.evaluate(outcome.parameters)
    let rows = evaluation.map { ExaminedRows($0) }
    let ranges = try evaluator.rowsByWorker()
    let chosen = rows.map { $0.positions.map { Self.row($0, of: ranges) } } ?? []
    let images = try evaluator.images(ofRows: try communicator.broadcast(fromRoot: chosen, root: 0))
    let means = try evaluator.meanImages(
      of: try communicator.broadcast(fromRoot: rows?.meanLabels ?? [], root: 0))
    guard let evaluation, let rows else { return nil }
    let sample = { (position: Int) in
      let row = Self.row(position, of: ranges)
      return Examination.Sample(
        row: row, label: Int(evaluation.labels[position]), prediction: Int(evaluation.predictions[position]),
        probability: evaluation.probabilities[position], image: images[row] ?? Data())
    }
    let results = evaluation.means
    return Examination(
      epoch: outcome.bestEpoch, parametersSHA256: log.epochs.last { $0.isBest }?.parametersSHA256,
      trainingRows: data.totalTrainingRows, rows: evaluation.labels.count, loss: results.loss,
      accuracy: results.accuracy, classes: configuration.architecture.classes, confusion: rows.confusion,
      imageFormat: Thumbnail(of: evaluator.table.format).format,
      pairs: rows.pairs.map {
        Examination.Pair(
          label: $0.label, prediction: $0.prediction, count: $0.count, examples: $0.examples.map(sample),
          genuine: $0.genuine.map(sample))
      },
      worst: rows.worst.map(sample), means: means)
  }

  /// The row of the table at a position of the evaluation, whose workers' rows follow one another.
  private static func row(_ position: Int, of ranges: [Range<Int>]) -> Int {
    var rest = position
    for range in ranges {
      if rest < range.count { return range.lowerBound + rest }
      rest -= range.count
    }
    preconditionFailure("position \(position) is in some worker's rows")
  }
}

extension Evaluator {
  /// Every worker's rows, in the order of the evaluation. Collective.
  fileprivate func rowsByWorker() throws -> [Range<Int>] {
    let bounds = try communicator.allGather([rows.lowerBound, rows.upperBound])
    return communicator.topology.order.map { bounds[$0][0]..<bounds[$0][1] }
  }

  /// Small images of rows, each of which one worker evaluates, on rank 0; none elsewhere. Collective.
  fileprivate func images(ofRows wanted: [Int]) throws -> [Int: Data] {
    let thumbnail = Thumbnail(of: table.format)
    let own = wanted.filter(rows.contains)
    let numbers = try communicator.gather(own, root: 0)
    let bytes = try communicator.gather(own.flatMap { thumbnail.image(table.pixels($0)) }, root: 0)
    var images: [Int: Data] = [:]
    for (numbers, bytes) in zip(numbers ?? [], bytes ?? []) {
      for (index, row) in numbers.enumerated() {
        images[row] = Data(bytes[index * thumbnail.format.count..<(index + 1) * thumbnail.format.count])
      }
    }
    return images
  }

  /// The mean images of classes over all workers' rows: rounded quotients of whole numbers, the same on any layout. Collective.
  fileprivate func meanImages(of labels: [Int]) throws -> [Examination.MeanImage] {
    let thumbnail = Thumbnail(of: table.format)
    let size = thumbnail.format.count
    let places = Dictionary(uniqueKeysWithValues: zip(labels, 0...))
    // For each class the sums of its pixels, and the number of its rows.
    var sums = [Int](repeating: 0, count: labels.count * (size + 1))
    for row in rows {
      communicator.heartbeat.advance()
      guard let place = places[Int(table.label(row))] else { continue }
      let image = thumbnail.image(table.pixels(row))
      let first = place * (size + 1)
      for index in 0..<size { sums[first + index] += Int(image[index]) }
      sums[first + size] += 1
    }
    try communicator.allReduce(&sums, .sum)
    return zip(labels, 0...).map { label, place in
      let first = place * (size + 1)
      let count = max(1, sums[first + size])
      let pixels = sums[first..<first + size].map { UInt8(($0 + count / 2) / count) }
      return Examination.MeanImage(label: label, rows: sums[first + size], image: Data(pixels))
    }
  }
}
