import Glibc
import GoldenValues
import TestTags
import Testing

/// The 64-bit FNV-1a hash in 16 hexadecimal digits.
func checksum(_ bytes: some Sequence<UInt8>) -> String {
  let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// The same of the values' bytes, little-endian.
func checksum(_ values: [Float]) -> String {
  checksum(values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
}

@Suite("The formula's numbers are those of its Python twin", .tags(.golden, .bits))
struct FormulaTests {
  @Test func `Every number has the bits that Keras was given`() throws {
    let batch = Goldens.batch()
    let masks = Goldens.masks()
    var checksums = Goldens.weights().mapValues { checksum($0) }
    checksums["pixels"] = checksum(batch.pixels)
    checksums["labels"] = checksum(batch.labels)
    checksums["mask/pooling"] = checksum(masks.pooling)
    checksums["mask/lstm_input"] = checksum(masks.lstmInput)
    checksums["mask/lstm_recurrent"] = checksum(masks.lstmRecurrent)
    checksums["mask/lstm_1_input"] = checksum(masks.lstm1Input)
    checksums["mask/dense"] = checksum(masks.dense)
    let expected = try Goldens.expectedChecksums()
    #expect(checksums.count == 19)
    #expect(checksums == expected)
  }

  @Test func `A later batch continues the first`() {
    let all = Goldens.batch(first: 0, count: 7)
    let rest = Goldens.batch(first: 5, count: 2)
    #expect(Array(all.pixels.suffix(2 * 784)) == rest.pixels)
    #expect(Array(all.labels.suffix(2)) == rest.labels)
    #expect(Array(Goldens.masks(count: 7).lstmInput.suffix(2 * 256)) == Goldens.masks(first: 5, count: 2).lstmInput)
  }

  @Test func `Masks drop at their rates`() {
    let masks = Goldens.masks(count: 100)
    func rate(_ mask: [Float]) -> Double { Double(mask.count { $0 == 0 }) / Double(mask.count) }
    // Five standard deviations of a binomial: 5 sqrt(p (1 - p) / n), with at least 6400 entries.
    for (mask, p) in [(masks.pooling, 0.3), (masks.lstmInput, 0.3), (masks.lstmRecurrent, 0.2), (masks.dense, 0.3)] {
      #expect(abs(rate(mask) - p) < 0.03)
    }
  }

  @Test func `The layout is the whole network`() {
    #expect(Goldens.layout.count == 12)
    #expect(Goldens.layout.map(\.count).reduce(0, +) == 77273)
    for tensor in Goldens.layout { #expect(Goldens.weights()[tensor.name]?.count == tensor.count, "\(tensor.name)") }
  }
}

@Suite("The golden files are complete", .tags(.golden, .files))
struct GoldenFileTests {
  @Test(arguments: Goldens.Case.allCases)
  func `An evaluation is complete`(golden: Goldens.Case) throws {
    let expected = try Goldens.expected(golden)
    #expect(expected.probabilities.count == 11 * 25)
    #expect(expected.losses.count == 11)
    #expect(expected.gradients.count == 12)
    let labels = Goldens.batch().labels
    for (n, loss) in expected.losses.enumerated() {
      let probability = expected.probabilities[n * 25 + Int(labels[n])]
      // Keras divides by the sum of the probabilities once more, which is 1 but for rounding.
      #expect(abs(exp(-loss) / probability - 1) < 1e-14, "sample \(n)")
    }
  }

  @Test func `Ten steps of Adam are complete`() throws {
    let run = try Goldens.expectedAdam()
    #expect(run.losses.count == Goldens.adamBatchSizes.count)
    for tensors in [run.parameters, run.momentum, run.velocity] {
      #expect(tensors.values.map(\.count).reduce(0, +) == 77273)
    }
  }

  @Test func `The losses on real data are complete`() throws {
    let expected = try Goldens.expectedRealDataLosses()
    #expect(expected.steps.map(\.steps) == [20, 40, 60])
    #expect(expected.batchSize == 32)
    #expect(Set(expected.sha256.keys) == ["train", "test"])
    #expect(expected.steps.allSatisfy { $0.loss.isFinite && $0.validationLoss.isFinite })
  }
}
