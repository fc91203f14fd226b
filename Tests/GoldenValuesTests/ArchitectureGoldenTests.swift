import FoundationEssentials
import Glibc
import GoldenValues
import TestTags
import Testing

@Suite("The golden values of the table of architectures", .tags(.golden, .bits))
struct ArchitectureGoldenTests {
  @Test func `The table is read whole, and every model file is in it`() throws {
    let names = try ArchitectureGolden.all().map(\.name)
    #expect(names.count >= 28)
    #expect(Set(names).count == names.count)
    let files = try FileManager.default.contentsOfDirectory(atPath: ArchitectureGolden.folder.path)
    for ending in [".json", ".safetensors"] {
      let found = files.filter { $0.hasSuffix(ending) && $0 != "index.json" }.map { String($0.dropLast(ending.count)) }
      #expect(found.sorted() == names.sorted(), "\(ending)")
    }
  }

  @Test(arguments: try ArchitectureGolden.all())
  func `Weights, pixels and labels have the bits that Keras was given`(golden: ArchitectureGolden) throws {
    let weights = golden.weights()
    let batch = golden.batch()
    #expect(weights.count == golden.tensors.count)
    var bytes: [UInt8] = []
    for tensor in golden.tensors {
      let values = try #require(weights[tensor.name])
      #expect(values.count == tensor.count)
      for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    }
    bytes += batch.pixels
    bytes += batch.labels.map { UInt8($0) }
    #expect(checksum(bytes) == golden.checksum)
    #expect(batch.inputs.count == 11 * golden.inputCount)
    #expect(batch.labels.allSatisfy { (0..<golden.classes).contains($0) })
  }

  @Test(arguments: try ArchitectureGolden.all())
  func `The expected values are complete`(golden: ArchitectureGolden) throws {
    let expected = try golden.expected()
    let labels = golden.batch().labels
    #expect(expected.probabilities.count == 11 * golden.classes)
    #expect(expected.losses.count == 11)
    for (n, loss) in expected.losses.enumerated() {
      let row = expected.probabilities[n * golden.classes..<(n + 1) * golden.classes]
      #expect(abs(row.reduce(0, +) - 1) < 1e-14, "sample \(n)")
      #expect(abs(exp(-loss) / row[row.startIndex + labels[n]] - 1) < 1e-13, "sample \(n)")
    }
    #expect(expected.stepLosses.count == 4)
    #expect(abs(expected.stepLosses[0] * 11 / expected.losses.reduce(0, +) - 1) < 1e-14)
    let weights = golden.weights()
    for tensor in golden.tensors {
      let gradient = try #require(expected.gradients[tensor.name])
      let parameter = try #require(expected.parameters[tensor.name])
      #expect(gradient.values.count == (tensor.count <= 4096 ? tensor.count : 512))
      #expect(parameter.values.count == (tensor.count <= 1024 ? tensor.count : 512))
      #expect((gradient.summary != nil) == (tensor.count > 4096))
      // Three steps of Adam move a parameter by at most some three learning rates, and do move the tensor.
      let moved = parameter.meanDifference(of: try #require(weights[tensor.name]))
      #expect(1e-5 < moved && moved < 3.3e-3, "\(tensor.name)")
    }
    #expect(golden.layers.map(\.parameters).reduce(0, +) == golden.parameterCount)
    #expect(golden.layers.last?.outputShape == [golden.classes])
  }

  @Test func `A later batch continues the first`() throws {
    for golden in try ArchitectureGolden.all().prefix(4) {
      let (all, rest) = (golden.batch(first: 0, count: 7), golden.batch(first: 5, count: 2))
      #expect(Array(all.pixels.suffix(2 * golden.inputCount)) == rest.pixels)
      #expect(Array(all.labels.suffix(2)) == rest.labels)
    }
  }

  @Test func `Seeds and purposes have streams of their own`() {
    let streams = (0..<200).flatMap { seed in (0..<64).map { Formula.stream(seed: seed, $0) } }
    #expect(Set(streams).count == streams.count)
    #expect(streams.allSatisfy { $0 >= 4096 })
  }
}

@Suite("What a comparison with expected values sees", .tags(.golden))
struct TensorExpectationTests {
  @Test func `A tensor in full: the error is in terms of its greatest magnitude`() {
    let expectation = TensorExpectation(count: 3, indices: [0, 1, 2], values: [1, -4, 0])
    #expect(expectation.error(of: [1, -4, 0] as [Float]) == 0)
    #expect(expectation.error(of: [1, -4, 1] as [Float]) == 0.25)
    #expect(expectation.meanDifference(of: [1.5, -4, 1]) == 0.5)
    #expect(expectation.error(of: [1, -4] as [Float]) == .infinity)
    #expect(expectation.error(of: [1, .nan, 0] as [Float]) == .infinity)
    #expect(expectation.summaryError(of: [7, 7, 7] as [Float]) == 0)
  }

  @Test func `A large tensor: its summary sees one wrong value that no sample meets`() throws {
    let golden = try #require(try ArchitectureGolden.all().first { $0.name == "lstm-128" })
    let name = "lstm/recurrent_kernel"
    let expectation = try #require(try golden.expected().gradients[name])
    // Not the gradient, but a tensor of its size: the summary is made of it here, as the script makes it.
    let values = (0..<expectation.count).map { sin(Double($0)) }
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var own = TensorExpectation(count: values.count, indices: [1], values: [values[1]])
    own.summary = (golden, norm: norm, projections: (0..<4).map { golden.projection(of: values, on: $0) })
    #expect(own.summaryError(of: values) < 1e-15)
    var wrong = values
    let middle = values.count / 2
    wrong[middle] += 1
    #expect(own.error(of: wrong) == 0)
    #expect(own.summaryError(of: wrong) > 1e-4)
    wrong.swapAt(middle, middle + 1)
    #expect(own.summaryError(of: wrong) > 1e-4)
    // And the stored one refuses a tensor that is not the gradient.
    #expect(expectation.summaryError(of: values) > 0.1)
    #expect(expectation.error(of: values) > 0.1)
  }
}
