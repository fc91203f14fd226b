import ModelFiles
import NeuralNet
import Platform

/// The checkpoint reader. The input is the header's text; data follow, up to the greatest offset that the text has, and the
/// last 32 bytes are made the right checksum, which no fuzzer would find. For any header:
///
/// 1. What is accepted is encoded, and decoded again to the same checkpoint.
/// 2. What is accepted is refused with any one bit changed.
/// 3. An error has a text, and one in the header a place there.
/// 4. The reader asks the heap for no more than 10 times the file, the fixed amount of the safetensors reader, and what reading a
///    network's description takes.
enum CheckpointTarget {
  /// Data of more vectors than this are cut off.
  private static let vectorLimit = 3
  private static let pattern = (0..<4 * Architecture.signLanguageMNIST().layout.count * vectorLimit + 32).map {
    UInt8(truncatingIfNeeded: $0 &* 167 >> 3)
  }

  static func test(header: UnsafeBufferPointer<UInt8>) {
    var bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
    bytes += data(of: header)
    if bytes.count >= 40 {
      bytes.replaceSubrange((bytes.count - 32)..., with: SHA256Digest(of: bytes.dropLast(32)).bytes)
    }
    do throws(CheckpointError) {
      let checkpoint = try decoded(bytes, fixed: SafetensorsTarget.fixed + ArchitectureTarget.perByte * header.count)
      let again = try? Checkpoint(bytes: checkpoint.encoded())
      require(again.map { same($0, checkpoint) } == true, "encoded and decoded again it is another checkpoint")
      checkDamage(bytes)
    } catch {
      require(!"\(error)".isEmpty, "an error without a text")
      if case .tensors(let reason) = error { SafetensorsTarget.check(SafetensorsError(reason), bytes) }
    }
  }

  /// As many bytes as the greatest number of a header says, up to a limit.
  static func data(of header: UnsafeBufferPointer<UInt8>) -> ArraySlice<UInt8> {
    pattern.prefix(greatestNumber(in: header))
  }

  private static func decoded(_ bytes: [UInt8], fixed: Int) throws(CheckpointError) -> Checkpoint {
    let result = Allocations.limited(inputBytes: bytes.count, fixed: fixed, "reading a checkpoint") {
      Result { () throws(CheckpointError) in try Checkpoint(bytes: bytes) }
    }
    return try result.get()
  }

  /// Changes one bit, at a place that depends on the input.
  private static func checkDamage(_ bytes: [UInt8]) {
    let place = Int(bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % UInt64(8 * bytes.count))
    var damaged = bytes
    damaged[place / 8] ^= 1 << UInt8(place % 8)
    require((try? Checkpoint(bytes: damaged)) == nil, "bit \(place % 8) of byte \(place / 8) makes no difference")
  }

  /// Equal in everything, and in the bits of all numbers (not-a-number is not equal to itself).
  private static func same(_ a: Checkpoint, _ b: Checkpoint) -> Bool {
    a.texts == b.texts && a.architecture == b.architecture && a.vectors.count == b.vectors.count
      && zip(a.vectors, b.vectors).allSatisfy { a, b in
        a.name == b.name && TensorValues.float32(a.values).bytes == TensorValues.float32(b.values).bytes
      }
  }

  /// The greatest whole number in a text, no greater than the data there are.
  private static func greatestNumber(in text: UnsafeBufferPointer<UInt8>) -> Int {
    var greatest = 0
    var number = 0
    for byte in text {
      let digit = Int(byte) - 0x30
      number = (0...9).contains(digit) ? min(10 * number + digit, pattern.count) : 0
      greatest = max(greatest, number)
    }
    return greatest
  }
}

extension Checkpoint {
  fileprivate var texts: [String] { [programVersion, identity, state] }
}
