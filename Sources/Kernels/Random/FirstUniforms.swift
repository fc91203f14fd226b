import CTargetCPU

/// The first 32 uniformly distributed numbers of the random stream of a row in a data epoch, drawn at once: those that
/// `RandomStream.nextUniform` draws one by one.
public struct FirstUniforms {
  /// Number 4 b + j, which is of word j of block b, is at 2 b + j for j < 2 and at 16 + 2 b + j - 2 for the others: two words side
  /// by side in one 64-bit lane.
  private var numbers = InlineArray<32, Float>(repeating: 0)

  /// Those of a row's stream for that purpose.
  public init(_ key: RowKey, _ purpose: RandomPurpose) {
    var span = numbers.mutableSpan
    span.withUnsafeMutableBufferPointer { numbers in
      guard let numbers = numbers.baseAddress else { return }
      var block = 0
      while block < 8 {
        let words = philoxWide(key, purpose, firstBlocks: [UInt32(block)])[0]
        uniforms(alternating(words.c0, words.c1)).store(numbers + 2 &* block)
        uniforms(alternating(words.c2, words.c3)).store(numbers + (16 &+ 2 &* block))
        block &+= WideLanes.scalarCount
      }
    }
  }

  /// The number at that index, from 0 to 31.
  @inline(__always)
  public subscript(index: Int) -> Float {
    numbers[16 &* (index / 2 % 2) &+ 2 &* (index / 4) &+ index % 2]
  }
}

@inline(__always)
private func uniforms(_ words: WordLanes) -> Lanes {
  target_cpu_numbers(words &>> 8) * Lanes(repeating: 0x1p-24)
}
