import Communication
import Datasets
import Monitoring
import Platform

/// The rows that a worker can read, as bytes: all rows of the data (one copy per node, in shared memory), or its own shard.
public final class RowTable {
  /// The bytes of a row: its pixels, and its label.
  static let bytesPerRow = ImageTable.pixelsPerImage + 1

  /// The number of rows of the whole data set, over all workers.
  public let totalRows: Int
  /// The rows that this worker can read.
  public let readable: Range<Int>
  /// The rows that this worker read from the source itself.
  public let shard: Range<Int>

  /// The SHA-256 of the file that the rows were read from, as it was read; nil for the synthetic data set.
  public let sha256: SHA256Digest?

  private let segment: SharedSegment?
  private let memory: UnsafeMutablePointer<UInt8>

  private init(
    totalRows: Int, readable: Range<Int>, shard: Range<Int>, segment: SharedSegment?, sha256: SHA256Digest?
  ) {
    self.totalRows = totalRows
    self.sha256 = sha256
    self.readable = readable
    self.shard = shard
    self.segment = segment
    memory =
      segment.map { $0.base.assumingMemoryBound(to: UInt8.self) }
      ?? .allocate(capacity: readable.count * Self.bytesPerRow)
  }

  deinit {
    if segment == nil { memory.deallocate() }
  }

  /// The 784 pixels of a readable row.
  func pixels(_ row: Int) -> UnsafePointer<UInt8> {
    UnsafePointer(memory + (row - readable.lowerBound) * ImageTable.pixelsPerImage)
  }

  /// The label of a readable row.
  public func label(_ row: Int) -> UInt8 {
    memory[readable.count * ImageTable.pixelsPerImage + row - readable.lowerBound]
  }

  /// A readable row's image.
  public func image(_ row: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: pixels(row), count: ImageTable.pixelsPerImage))
  }

  /// All bytes of the readable rows: the pixels of one row after the other, then the labels.
  var contents: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory, count: readable.count * Self.bytesPerRow)
  }

  /// This worker's number among those that share the bytes, and how many they are.
  var sharers: (own: Int, count: Int) { segment.map { ($0.localRank, $0.localSize) } ?? (0, 1) }

  private func store(_ table: ImageTable, at row: Int) {
    let index = row - readable.lowerBound
    table.pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      (memory + index * ImageTable.pixelsPerImage).update(from: base, count: pixels.count)
    }
    table.labels.withUnsafeBufferPointer { labels in
      guard let base = labels.baseAddress else { return }
      (memory + readable.count * ImageTable.pixelsPerImage + index).update(from: base, count: labels.count)
    }
  }

  /// Loads a source: the workers parse its parts in parallel. Collective; any worker's error becomes everyone's.
  ///
  /// - Parameter shared: whether every worker can read all rows afterwards, or only its own.
  public static func load(_ source: DataSource, _ communicator: any Communicator, shared: Bool) throws -> RowTable {
    communicator.heartbeat.enter(.loading)
    let topology = communicator.topology
    let workerIndex = communicator.workerIndex
    let read = { try source.part(workerIndex, of: topology.order.count) }
    let (part, sha256): (ImageTable, SHA256Digest?) =
      switch source {
      case .csv(let path): try FileAgreement.whileReading(path, communicator, read)
      case .synthetic: (try communicator.agree(read), nil)
      }
    let counts = try communicator.allGather(part.count)
    // Row r of the file is the same row wherever it was read: parts follow one another along the topology's order.
    var starts = [0]
    for rank in topology.order { starts.append(starts[starts.count - 1] + counts[rank]) }
    let total = starts[topology.order.count]
    let shard = starts[workerIndex]..<starts[workerIndex + 1]
    guard shared else {
      let table = RowTable(totalRows: total, readable: shard, shard: shard, segment: nil, sha256: sha256)
      table.store(part, at: shard.lowerBound)
      return table
    }
    let segment = try communicator.makeSharedSegment(byteCount: total * bytesPerRow)
    let table = RowTable(totalRows: total, readable: 0..<total, shard: shard, segment: segment, sha256: sha256)
    table.store(part, at: shard.lowerBound)
    try segment.barrier()
    try table.shareBetweenNodes(communicator, starts: starts)
    try segment.barrier()
    return table
  }

  /// The first worker of every node hands its node's rows, which are contiguous, to the other nodes' first workers.
  private func shareBetweenNodes(_ communicator: any Communicator, starts: [Int]) throws {
    let nodes = communicator.topology.nodes
    guard nodes.count > 1 else { return }
    let isFirst = nodes.contains { $0.first == communicator.rank }
    let firsts = try communicator.split(
      color: isFirst ? 0 : nil, key: communicator.topology.nodeOfRank[communicator.rank])
    guard let firsts else { return }
    var workerIndex = 0
    for (node, ranks) in nodes.enumerated() {
      let rows = starts[workerIndex]..<starts[workerIndex + ranks.count]
      workerIndex += ranks.count
      let pixels = UnsafeMutableBufferPointer(
        start: memory + rows.lowerBound * ImageTable.pixelsPerImage, count: rows.count * ImageTable.pixelsPerImage)
      let labels = UnsafeMutableBufferPointer(
        start: memory + totalRows * ImageTable.pixelsPerImage + rows.lowerBound, count: rows.count)
      try firsts.broadcast(pixels, root: node)
      try firsts.broadcast(labels, root: node)
    }
  }
}
