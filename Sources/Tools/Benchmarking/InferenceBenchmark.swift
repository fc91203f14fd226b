import Communication
import Datasets
import NeuralNet
import Training

/// Inference on images in memory: batches of bytes that become probabilities, computed by one worker and shared by all.
public struct InferenceBenchmark: Sendable {
  /// The network; nil for the default one.
  public var network: Architecture?
  /// The images of a batch, one measurement for each.
  public var batchSizes = [1, 64, 1024]
  /// How often one worker alone and all workers are measured, in turns.
  public var repetitions = 20
  /// The least images of a repetition; rounded up to whole batches.
  public var imagesPerRepetition = 1024

  /// The usual measurement.
  public init() {}

  /// What was measured.
  public struct Report: Encodable, Sendable {
    /// The multiply-adds of an image by the network's definition.
    public let multiplyAddsPerImage: Int
    /// The cores' peak.
    public let peak: Peak
    /// One for each size of batch.
    public let batches: [Batch]
  }

  /// Batches of one size.
  public struct Batch: Encodable, Sendable {
    /// The images of a batch.
    public let batchSize: Int
    /// One worker alone; where there are more, all of them with a share of each batch.
    public let one: Rate, all: Rate?
  }

  /// The batches of some workers.
  public struct Rate: Encodable, Sendable {
    /// Their number.
    public let workers: Int
    /// Seconds of a batch, from when all workers begin until the last has its probabilities.
    public let batch: Timing
    /// Images a second, by the median batch.
    public let imagesPerSecond: Double
    /// FLOP utilisation (MFU): the operations as a fraction of the peak of these workers' cores.
    public let flopUtilization: Double
  }

  /// Measures. Collective; every worker gets the report.
  public func run(_ communicator: any Communicator) throws -> Report {
    let rendezvous = try Rendezvous(communicator)
    let peak = try Peak.measure(communicator, rendezvous)
    let architecture = network ?? .signLanguageMNIST()
    let loop = try InferenceLoop(architecture, communicator)
    let batches = try batchSizes.map { batchSize in
      let count = (imagesPerRepetition + batchSize - 1) / batchSize
      var (one, all) = ([Double](), [Double]())
      for repetition in -1..<repetitions {
        try rendezvous.barrier()
        let alone = communicator.rank == 0 ? loop.seconds(batchSize, count) : [Double](repeating: 0, count: count)
        try rendezvous.barrier()
        let together = communicator.size > 1 ? try loop.sharedSeconds(batchSize, count, rendezvous) : []
        // The first turn warms up.
        guard repetition >= 0 else { continue }
        one += alone
        all += together
      }
      func rate(_ seconds: [Double], workers: Int) throws -> Rate {
        let timing = Timing(try rendezvous.longest(seconds))
        let images = Double(batchSize) / timing.median
        let flops = images * Double(2 * architecture.inferenceMultiplyAccumulatesPerSample)
        return Rate(
          workers: workers, batch: timing, imagesPerSecond: images,
          flopUtilization: flops / peak.flops(workers: workers))
      }
      return Batch(
        batchSize: batchSize, one: try rate(one, workers: 1),
        all: communicator.size > 1 ? try rate(all, workers: communicator.size) : nil)
    }
    return Report(
      multiplyAddsPerImage: architecture.inferenceMultiplyAccumulatesPerSample, peak: peak, batches: batches)
  }
}

/// One worker's part of repeated batches of images of the synthetic data set.
private struct InferenceLoop {
  private static let distinctImages = 1024

  private let predictor: Predictor
  private let images: [[UInt8]]
  private let communicator: any Communicator

  /// Collective.
  init(_ architecture: Architecture, _ communicator: any Communicator) throws {
    self.communicator = communicator
    predictor = Predictor(architecture, parameters: architecture.initialParameters(seed: 1))
    var source = DataSource.synthetic(.test, rows: Self.distinctImages, seed: 1)
    source.request = architecture.rowRequest
    let table = try RowTable.load(source, communicator, shared: true)
    images = (0..<Self.distinctImages).map { table.image($0) }
  }

  /// The seconds of each of `count` batches by this worker alone.
  func seconds(_ batchSize: Int, _ count: Int) -> [Double] {
    (0..<count).map { batch in
      let part = part(batch, 0..<batchSize, of: batchSize)
      return Stopwatch.seconds { _ = predictor.probabilities(of: part) }
    }
  }

  /// The seconds of each of `count` batches, of which every worker computes its share. Collective.
  func sharedSeconds(_ batchSize: Int, _ count: Int, _ rendezvous: Rendezvous) throws -> [Double] {
    let (own, workers) = (communicator.workerIndex, communicator.size)
    let share = own * batchSize / workers..<(own + 1) * batchSize / workers
    return try (0..<count).map { batch in
      let part = part(batch, share, of: batchSize)
      try rendezvous.barrier()
      return try Stopwatch.seconds {
        _ = predictor.probabilities(of: part)
        try rendezvous.barrier()
      }
    }
  }

  /// The images at some places of a batch.
  private func part(_ batch: Int, _ places: Range<Int>, of batchSize: Int) -> [[UInt8]] {
    places.map { images[(batch * batchSize + $0) % images.count] }
  }
}
