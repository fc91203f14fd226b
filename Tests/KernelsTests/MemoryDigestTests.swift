import Kernels
import TestTags
import Testing

/// A digest tells whether memory still holds what it held.
@Suite("A digest changes with every bit", .tags(.pure))
struct MemoryDigestTests {
  private static func digest(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { $0.baseAddress.map { [count = $0.count] in memoryDigest($0, byteCount: count) } ?? 0 }
  }

  private static func bytes(_ count: Int) -> [UInt8] {
    var stream = RandomStream(seed: 7, purpose: RandomPurpose(number: 7), row: count)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: stream.nextWord()) }
  }

  @Test(arguments: [1, 7, 8, 63, 64, 65, 200, 4096])
  func `Every flipped bit changes it`(_ count: Int) {
    var bytes = Self.bytes(count)
    let before = Self.digest(bytes)
    for place in bytes.indices {
      for bit in 0..<8 {
        bytes[place] ^= 1 << bit
        #expect(Self.digest(bytes) != before, "bit \(bit) of byte \(place)")
        bytes[place] ^= 1 << bit
      }
    }
    #expect(Self.digest(bytes) == before)
  }

  @Test func `Every two flipped bits of a word, of a lane, and of two lanes change it`() {
    var bytes = Self.bytes(25 * 8)
    let before = Self.digest(bytes)
    let bits = [0, 1, 8, 16, 24].flatMap { word in word * 64..<(word + 1) * 64 }
    var missed = 0
    for first in bits {
      bytes[first / 8] ^= 1 << (first % 8)
      for second in bits where second < first {
        bytes[second / 8] ^= 1 << (second % 8)
        if Self.digest(bytes) == before { missed += 1 }
        bytes[second / 8] ^= 1 << (second % 8)
      }
      bytes[first / 8] ^= 1 << (first % 8)
    }
    #expect(missed == 0)
  }

  @Test func `Swapped words change it`() {
    var bytes = Self.bytes(640)
    let before = Self.digest(bytes)
    for other in stride(from: 8, to: 640, by: 8) {
      for byte in 0..<8 { bytes.swapAt(byte, other + byte) }
      #expect(Self.digest(bytes) != before, "word \(other / 8)")
      for byte in 0..<8 { bytes.swapAt(byte, other + byte) }
    }
  }

  @Test(arguments: [16, 48, 64, 1024, 1040])
  func `Every flipped bit of numbers changes the sum of their words`(_ count: Int) {
    var numbers = Inputs.numbers(5, count)
    let before = wordSum(numbers, count: count)
    for place in numbers.indices {
      for bit in 0..<32 {
        let value = numbers[place]
        numbers[place] = Float(bitPattern: value.bitPattern ^ 1 << bit)
        #expect(wordSum(numbers, count: count) != before, "bit \(bit) of number \(place)")
        numbers[place] = value
      }
    }
    #expect(wordSum(numbers, count: count) == before)
  }
}
