import Communication
import Datasets
import Monitoring
import Platform

/// The rows that a worker can read, as bytes: all rows of the data (one copy per node, in shared memory), or its own shard.
public final class RowTable {
  /// The bytes of a row of this format: its pixels, and its label.
  static func bytesPerRow(_ format: ImageFormat) -> Int { format.count + MemoryLayout<UInt16>.size }

  /// What the images are made of.
  public let format: ImageFormat
  /// The number of rows of the whole data set, over all workers.
  public let totalRows: Int
  /// The rows that this worker can read.
  public let readable: Range<Int>
  /// The rows that this worker read from the source itself.
  public let shard: Range<Int>

  /// The SHA-256 of what the rows were read from, as it was read; nil if it reads none.
  public let sha256: SHA256Digest?

  private let segment: SharedSegment?
  private let memory: UnsafeMutablePointer<UInt8>

  private init(
    format: ImageFormat, totalRows: Int, readable: Range<Int>, shard: Range<Int>, segment: SharedSegment?,
    sha256: SHA256Digest?
  ) {
    self.format = format
    self.totalRows = totalRows
    self.sha256 = sha256
    self.readable = readable
    self.shard = shard
    self.segment = segment
    memory =
      segment.map { $0.base.assumingMemoryBound(to: UInt8.self) }
      ?? .allocate(capacity: readable.count * Self.bytesPerRow(format))
  }

  deinit {
    if segment == nil { memory.deallocate() }
  }

  /// The `format.count` pixels of a readable row.
  func pixels(_ row: Int) -> UnsafePointer<UInt8> {
    UnsafePointer(memory + (row - readable.lowerBound) * format.count)
  }

  /// The label of a readable row.
  public func label(_ row: Int) -> UInt16 {
    UnsafeRawPointer(labels).loadUnaligned(fromByteOffset: 2 * (row - readable.lowerBound), as: UInt16.self)
  }

  /// The labels of the readable rows, two bytes each, of any alignment.
  private var labels: UnsafeMutablePointer<UInt8> {
    memory + readable.count * format.count
  }

  /// A readable row's image.
  public func image(_ row: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: pixels(row), count: format.count))
  }

  /// All bytes of the readable rows: the pixels of one row after the other, then the labels.
  var contents: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory, count: readable.count * Self.bytesPerRow(format))
  }

  /// This worker's number among those that share the bytes, and how many they are.
  var sharers: (own: Int, count: Int) { segment.map { ($0.localRank, $0.localSize) } ?? (0, 1) }

  private func store(_ table: ImageTable, at row: Int) {
    let index = row - readable.lowerBound
    table.pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      (memory + index * format.count).update(from: base, count: pixels.count)
    }
    table.labels.withUnsafeBytes { bytes in
      UnsafeMutableRawBufferPointer(start: labels + 2 * index, count: bytes.count).copyMemory(from: bytes)
    }
  }

  /// Loads a source: the workers parse its parts in parallel. Collective; any worker's error becomes everyone's.
  ///
  /// - Parameter shared: whether every worker can read all rows afterwards, or only its own.
  public static func load(_ source: DataSource, _ communicator: any Communicator, shared: Bool) throws -> RowTable {
    communicator.heartbeat.enter(.loading)
    let topology = communicator.topology
    let workerIndex = communicator.workerIndex
    let heartbeat = communicator.heartbeat
    var source = source
    source.request.progress = ProgressListener { heartbeat.advance() }
    let read = { [source] in try source.part(workerIndex, of: topology.order.count) }
    let (part, sha256) = try FileAgreement.whileReading(source, communicator, read)
    let format = source.request.format
    let counts = try communicator.allGather(part.count)
    // Row r of the file is the same row wherever it was read: parts follow one another along the topology's order.
    var starts = [0]
    for rank in topology.order { starts.append(starts[starts.count - 1] + counts[rank]) }
    let total = starts[topology.order.count]
    let shard = starts[workerIndex]..<starts[workerIndex + 1]
    guard shared else {
      let table = RowTable(
        format: format, totalRows: total, readable: shard, shard: shard, segment: nil, sha256: sha256)
      table.store(part, at: shard.lowerBound)
      return table
    }
    let segment = try communicator.makeSharedSegment(byteCount: total * bytesPerRow(format))
    let table = RowTable(
      format: format, totalRows: total, readable: 0..<total, shard: shard, segment: segment, sha256: sha256)
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
        start: memory + rows.lowerBound * format.count, count: rows.count * format.count)
      let labels = UnsafeMutableBufferPointer(
        start: self.labels + 2 * rows.lowerBound, count: 2 * rows.count)
      try firsts.broadcast(pixels, root: node)
      try firsts.broadcast(labels, root: node)
    }
  }
}
