import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Random numbers and dropout masks follow their definitions", .tags(.bits))
struct RandomTests {
  /// Random123's known answers for philox4x32-10 (its file kat_vectors): counter, key, block.
  static let knownAnswers: [(counter: [UInt32], key: [UInt32], block: [UInt32])] = [
    ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    (
      [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff],
      [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    ),
    (
      [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    ),
  ]

  @Test(arguments: knownAnswers.indices)
  func `Philox gives the published answers`(_ index: Int) {
    let (counter, key, expected) = Self.knownAnswers[index]
    let block = Philox4x32.block(counter: SIMD4(counter), key: SIMD2(key))
    #expect((0..<4).map { block[$0] } == expected)
    #expect(ReferenceKernels.philox(counter: counter, key: key) == expected)
  }

  @Test func `A stream's words are those of its blocks in order`() {
    var stream = RandomStream(seed: 0x0123_4567_89ab_cdef, purpose: RandomPurpose(number: 4), epoch: 5, row: 77)
    let words = (0..<12).map { _ in stream.nextWord() }
    let expected = (0..<3).flatMap {
      ReferenceKernels.philox(counter: [$0, 77, 5, 4], key: [0x89ab_cdef, 0x0123_4567])
    }
    #expect(words == expected)
  }

  @Test func `Uniform numbers and integers come from the words`() {
    var words = RandomStream(seed: 9, purpose: RandomPurpose(number: 2))
    var stream = words
    let first = words.nextWord()
    #expect(stream.nextUniform() == Float(first >> 8) / 16_777_216)
    let bits = (UInt64(words.nextWord()) << 32) + UInt64(words.nextWord())
    let quotient = bits.multipliedFullWidth(by: 1000).high
    #expect(stream.nextInteger(below: 1000) == Int(quotient))
    #expect((0..<1000).allSatisfy { _ in stream.nextInteger(below: 3) < 3 })
  }

  @Test func `Uniform numbers that are drawn at once are those of the stream`() {
    for (seed, epoch, row) in [(0, 0, 0), (0xdead_beef_0bad_cafe, 3, 27454), (.max, 79, 7)] as [(UInt64, Int, Int)] {
      var stream = RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, row: row)
      let uniforms = FirstUniforms(RowKey(seed: seed, epoch: epoch, row: row), .augmentation)
      for index in 0..<32 { #expect(uniforms[index] == stream.nextUniform(), "number \(index)") }
    }
  }

  @Test(arguments: [0, 1, 23, 1000], [0.2, 0.3, 0.5] as [Float])
  func `Dropout masks follow their definition`(_ group: Int, _ rate: Float) {
    for (seed, epoch, row) in [(0, 0, 0), (0xdead_beef_0bad_cafe, 3, 27454), (.max, 19, 7)] as [(UInt64, Int, Int)] {
      let mask = output(64) {
        dropoutMask(RowKey(seed: seed, epoch: epoch, row: row), group: group, rate: rate, into: $0)
      }
      expectSameBits(
        mask, ReferenceKernels.dropoutMask(seed: seed, epoch: epoch, row: row, group: group, rate: rate))
    }
  }

  @Test func `Dropout drops at its rate, at every index of every mask`() {
    let (rows, groups) = (400, 24)
    var dropped = [Int](repeating: 0, count: 64)
    for row in 0..<rows {
      for group in 0..<groups {
        let mask = output(64) {
          dropoutMask(RowKey(seed: 1, epoch: 0, row: row), group: group, rate: 0.3, into: $0)
        }
        for index in 0..<64 where mask[index] == 0 { dropped[index] += 1 }
      }
    }
    // Six standard deviations of 9600 draws at 0.3 at each of 64 indices.
    #expect(dropped.allSatisfy { abs(Double($0) / 9600 - 0.3) < 6 * (0.3 * 0.7 / 9600).squareRoot() })
  }
}
