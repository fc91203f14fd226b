import Foundation
import ModelFiles
import NeuralNet
import Platform
import TestFiles
import TestTags
import Testing

/// Files that h5py has written, in every form that is read; the fuzzer begins with them too (Tests/Fuzzing/make-corpus).
@Suite("Keras' HDF5 files are read", .tags(.files))
struct KerasFileTests {
  private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fuzzing/Corpus/hdf5").path

  static let network = try? Architecture(input: [4]) {
    Dense(3)
    Dense(2, activation: .softmax)
  }

  private func read(_ bytes: [UInt8], _ scratch: Scratch) throws -> ModelFile {
    let path = "\(scratch.path)/file.h5"
    try AtomicFile.write(bytes, to: path)
    return try ModelFile(hdf5Path: path, network: Self.network)
  }

  @Test(arguments: ["places", "chunks", "latest", "named", "fixed-text", "half"])
  func `Places and names, chunks and filters, texts of both kinds, all widths`(name: String) throws {
    let model = try ModelFile(hdf5Path: "\(Self.corpus)/\(name)", network: Self.network)
    #expect(model.architecture.layout.count == 23)
    #expect(model.parameters == (0..<32).map { $0 < 23 ? 1 : 0 })
    #expect(!model.namesPreprocessing)
  }

  @Test func `Every truncation is refused`() throws {
    let scratch = try Scratch()
    let whole = try FileBytes.read("\(Self.corpus)/places")
    for count in stride(from: 0, to: whole.count, by: 61) {
      #expect(throws: HDF5Error.self, "\(count) bytes") { try read(Array(whole[..<count]), scratch) }
    }
  }

  @Test(arguments: ["places", "chunks", "latest", "named"])
  func `A wrong byte is read or refused, and the error names the file`(name: String) throws {
    let scratch = try Scratch()
    let whole = try FileBytes.read("\(Self.corpus)/\(name)")
    var refused = 0
    for index in stride(from: 0, to: whole.count, by: 17) {
      var bytes = whole
      bytes[index] ^= UInt8(truncatingIfNeeded: 1 + index % 255)
      do { _ = try read(bytes, scratch) } catch {
        refused += 1
        #expect(error is any UserError && "\(error)".contains("file.h5"), "\(error)")
      }
    }
    #expect(refused > 5)
  }

  @Test func `Where Keras keeps the variables`() throws {
    let network = try Architecture(input: [28, 28]) {
      Conv1D(4, kernelSize: 3)
      LSTM(4, returnSequences: true)
      Bidirectional(GRU(4, returnSequences: true))
      Conv1D(4, kernelSize: 3)
      LSTM(4)
      Dense(25)
    }
    let groups = KerasPaths(network, after: [("Rescaling", "first")]).groups
    #expect(
      groups.map { "\($0.path) \($0.name) \($0.tensors.count)" } == [
        "vars sequential 0", "layers/rescaling/vars first 0", "layers/conv1d/vars conv1d 2", "layers/lstm/vars lstm 0",
        "layers/lstm/cell/vars lstm_cell 3", "layers/bidirectional/vars bidirectional 0",
        "layers/bidirectional/forward_layer/vars forward_gru 0",
        "layers/bidirectional/forward_layer/cell/vars gru_cell 3",
        "layers/bidirectional/backward_layer/vars backward_gru 0",
        "layers/bidirectional/backward_layer/cell/vars gru_cell 3", "layers/conv1d_1/vars conv1d_1 2",
        "layers/lstm_1/vars lstm_1 0", "layers/lstm_1/cell/vars lstm_cell 3", "layers/dense/vars dense 2",
      ])
  }
}
