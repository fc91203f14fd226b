import Foundation
import ModelFiles
import NeuralNet
import Platform
import TestFiles
import TestTags
import Testing

@Suite("A checkpoint survives its bytes, and no damaged one is taken for whole", .tags(.files))
struct CheckpointTests {
  /// A vector of different numbers, among them those that are easily lost.
  private static func vector(_ name: String, _ seed: UInt32) -> Checkpoint.Vector {
    let layout = standard.layout
    var values = (0..<layout.paddedCount).map { Float(bitPattern: UInt32($0) &* 2_654_435_761 &+ seed) }
    values.replaceSubrange(0..<3, with: [.infinity, -0.0, .leastNonzeroMagnitude])
    for place in values.indices where values[place].isNaN { values[place] = 1 }
    for place in layout.count..<layout.paddedCount { values[place] = 0 }
    return Checkpoint.Vector(name: name, values: values)
  }

  private let checkpoint = Checkpoint(
    programVersion: "1.2.3", identity: #"{"a":"\"ä"}"#, state: #"{"b":[1,"nan"]}"#, architecture: standard,
    vectors: [vector("parameters", 1), vector("adam/moment1", 2), vector("best", 3)])

  @Test func `What was written reads back`() throws {
    let bytes = checkpoint.encoded()
    #expect(bytes == checkpoint.encoded())
    #expect(try Checkpoint(bytes: bytes) == checkpoint)
  }

  @Test func `Other programs find its tensors by name`() throws {
    let file = try TensorFile(bytes: checkpoint.encoded())
    let kernel = standard.layout["lstm/recurrent_kernel"]
    #expect(
      try file.floats("adam/moment1/lstm/recurrent_kernel", shape: kernel.shape)
        == Array(checkpoint.vectors[1].values[kernel.range]))
    #expect(file.metadata["version"] == "1.2.3")
    #expect(file.tensors.count == 3 * 12 + 1)
  }

  @Test func `No flipped bit goes unnoticed`() throws {
    let bytes = checkpoint.encoded()
    let headerEnd = 8 + Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    // All of the header's beginning and of the end, and places all over the rest.
    let places = Array(0..<60) + Array(stride(from: 60, to: bytes.count, by: 29_989)) + [headerEnd - 1, headerEnd]
    for place in places + Array(bytes.count - 40..<bytes.count) {
      var damaged = bytes
      damaged[place] ^= UInt8(1 << (place % 8))
      #expect(throws: CheckpointError.self, "byte \(place)") { try Checkpoint(bytes: damaged) }
    }
  }

  @Test func `No truncated file is taken for a whole one`() {
    let bytes = checkpoint.encoded()
    for count in [0, 1, 7, 8, 9, 100, 5000, bytes.count / 2, bytes.count - 33, bytes.count - 32, bytes.count - 1] {
      #expect(throws: CheckpointError.self, "\(count) bytes") { try Checkpoint(bytes: Array(bytes.prefix(count))) }
    }
    #expect(throws: CheckpointError.tensors(.trailingBytes(1))) { try Checkpoint(bytes: bytes + [0]) }
  }

  @Test func `Errors say what is wrong`() throws {
    let model = TensorFile(tensors: [Tensor(name: "a", shape: [1], values: [1])]).encoded()
    #expect(throws: CheckpointError.notACheckpoint(missing: "'format' in its metadata")) {
      try Checkpoint(bytes: model)
    }
    var damaged = checkpoint.encoded()
    damaged[damaged.count - 100] ^= 1
    #expect(throws: CheckpointError.checksum) { try Checkpoint(bytes: damaged) }
    #expect("\(CheckpointError.checksum)" == "is damaged: its checksum does not match its contents")
  }

  /// Tensors that are no whole vectors, in files that are otherwise as they should be.
  @Test func `Every vector must be complete`() throws {
    func sealed(_ change: (inout [Tensor]) -> Void) throws -> [UInt8] {
      var file = try TensorFile(bytes: checkpoint.encoded())
      change(&file.tensors)
      let bytes = file.encoded()
      return bytes.dropLast(32) + SHA256Digest(of: Array(bytes.dropLast(32))).bytes
    }
    #expect(try Checkpoint(bytes: sealed { _ in }) == checkpoint)
    let changes: [(inout [Tensor]) -> Void] = [
      { $0.remove(at: 5) }, { $0.removeFirst() }, { $0.swapAt(1, 2) }, { $0.remove(at: 35) },
      { $0.insert(Tensor(name: "more", shape: [1], values: [1]), at: 36) },
      { $0[3] = Tensor(name: $0[3].name, shape: [1], values: [1]) },
    ]
    for (number, change) in changes.enumerated() {
      let bytes = try sealed(change)
      let error = #expect(throws: CheckpointError.self, "change \(number)") { try Checkpoint(bytes: bytes) }
      guard case .malformed = error else {
        Issue.record("change \(number): \(String(describing: error))")
        continue
      }
    }
  }
}

@Suite("A folder of checkpoints keeps the newest", .tags(.files))
struct CheckpointStoreTests {
  @Test func `Names read back as steps`() {
    #expect(CheckpointNames.name(step: 1716) == "step-00001716.safetensors")
    for step in [0, 1, 99_999_999, 100_000_000, Int.max] {
      #expect(CheckpointNames.step(CheckpointNames.name(step: step)) == step)
    }
    let others = [
      "step-1.safetensors", "step--0000001.safetensors", "step-+0000001.safetensors", "step-.safetensors",
      "step-00000001", ".step-00000001.safetensors.abc.tmp", "step-0000000x.safetensors", "",
    ]
    for name in others { #expect(CheckpointNames.step(name) == nil, "\(name)") }
  }

  @Test(
    arguments: [
      // What is there, the one just written, and what goes.
      ([1], 1, []),
      ([1, 2, 3], 3, []),
      ([1, 2, 3, 4], 4, [1]),
      ([10, 9, 8, 7, 100], 100, [8, 7]),
      // Later ones were damaged, so the run resumed from an earlier one.
      ([1, 2, 3, 8, 9], 3, [8, 9]),
      ([5, 6, 7, 8], 4, [5, 6, 7, 8]),
      // The one just written stays, whether it is seen or not.
      ([1, 2, 3], 4, [1]),
    ])
  func `Three checkpoints are kept`(_ steps: [Int], _ written: Int, _ superfluous: [Int]) {
    let names = steps.map(CheckpointNames.name)
    #expect(
      CheckpointNames.superfluous(among: names, written: written, keeping: 3) == superfluous.map(CheckpointNames.name))
  }

  @Test func `The one just written stays, and so do other files`() {
    let leftover = ".step-00000002.safetensors.1abc.tmp"
    let names = ["notes.txt", leftover, "step-00000001.safetensors", "step-00000002.safetensors"]
    for keeping in 0...1 {
      #expect(
        CheckpointNames.superfluous(among: names, written: 2, keeping: keeping)
          == [leftover, "step-00000001.safetensors"])
    }
  }

  @Test func `The newest are kept, and leftovers are removed`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/checkpoints"
    let store = CheckpointStore(in: try Folder(scratch.path), name: "checkpoints", of: standard)
    #expect(try store.steps() == [])
    try store.prepare()
    try AtomicFile.write("half a file", to: path + "/.step-00000005.safetensors.x.tmp")
    for step in [1, 20, 300, 4000] {
      let checkpoint = Checkpoint(
        programVersion: "\(step)", identity: "", state: "", architecture: standard, vectors: [])
      try store.write(checkpoint, step: step)
      #expect(try store.read(step: step) == checkpoint)
    }
    #expect(try store.steps() == [4000, 300, 20])
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 3)
  }

  @Test func `Nothing changes once the folder is no longer ours`() throws {
    struct Lost: Error {}
    let scratch = try Scratch()
    let store = CheckpointStore(in: try Folder(scratch.path), name: "checkpoints", of: standard)
    try store.prepare()
    let checkpoint = Checkpoint(programVersion: "", identity: "", state: "", architecture: standard, vectors: [])
    for step in [1, 2, 3] { try store.write(checkpoint, step: step) }
    #expect(throws: Lost.self) { try store.write(checkpoint, step: 4) { throw Lost() } }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/checkpoints").count == 3)
    #expect(try store.steps() == [3, 2, 1])
  }

  @Test func `A file that is too large is not read`() throws {
    let scratch = try Scratch()
    let store = CheckpointStore(in: try Folder(scratch.path), name: "checkpoints", of: standard)
    try store.prepare()
    let path = scratch.path + "/checkpoints/" + CheckpointNames.name(step: 7)
    try AtomicFile.write("small", to: path)
    #expect(truncate(path, 1 << 40) == 0)
    let error = #expect(throws: CheckpointError.self) { try store.read(step: 7) }
    #expect(error.map { "\($0)" }?.hasPrefix("is damaged: it has 1099511627776 bytes") == true)
  }
}
