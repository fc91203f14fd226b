/// The fast path of the CSV reader: parses rows of well-formed integers, two at a time from one 64-bit word.
///
/// Two numbers of up to three digits and their separators fill at most eight bytes, so each load holds a pair. Digits
/// (`0x30-0x39`) have bit 4 set; comma, CR and LF do not. So the ends of both numbers are the two lowest clear bits 4.
/// Finding them takes a few cycles of latency, and the next load waits for nothing else. The values and the checks are
/// off that critical path; the checks are accumulated, and the row is accepted or rejected once, at its end.
///
/// The kernel accepts only rows that `CSVRowReader` accepts, with the same values. It leaves all others to that reader,
/// which parses fractions and locates errors.
enum CSVRowKernel {
  /// Parses the row that begins at `start`, after its row numbers, into a label, if rows have one, and the pixels.
  ///
  /// `columns.window` bytes must be readable from `start`; bytes after the row are read but do not affect the result.
  /// The label and the pixels are overwritten even if the row is rejected.
  /// - Returns: the length of the row with its line end, or nil if it is not a well-formed row.
  @inline(__always)
  static func parse(
    _ start: UnsafeRawPointer, _ columns: borrowing CSVColumns, label: UnsafeMutablePointer<UInt16>,
    pixels: UnsafeMutableRawPointer
  ) -> Int? {
    var checks = Checks()
    var next = start
    label.pointee = 0
    if columns.labelColumn != nil {
      guard let length = parseLabel(start, columns, into: label) else { return nil }
      next += length
    }
    let count = columns.format.count
    let pairs = (count &+ 1) / 2
    for pair in 0..<pairs - 1 {
      let word = word(at: next)
      let ends = Ends(word)
      pixels.storeBytes(of: checks.pair(word, ends), toByteOffset: 2 * pair, as: UInt16.self)
      checks.bits |= byte(of: word, at: ends.second) ^ UInt64(CSVFormat.comma)
      next += ends.second &>> 3 &+ 1
    }

    let last = word(at: next)
    let ends = Ends(last)
    if count % 2 == 0 {
      pixels.storeBytes(of: checks.pair(last, ends), toByteOffset: count &- 2, as: UInt16.self)
      next += ends.second &>> 3
    } else {
      let pixel = UInt8(truncatingIfNeeded: checks.last(last, end: ends.first))
      pixels.storeBytes(of: pixel, toByteOffset: count &- 1, as: UInt8.self)
      next += ends.first &>> 3
    }
    guard checks.passed else { return nil }
    if next.load(as: UInt8.self) == CSVFormat.carriageReturn { next += 1 }
    return next.load(as: UInt8.self) == CSVFormat.newline ? next - start + 1 : nil
  }

  /// Parses a label at the start of a row. Returns its length with the comma; nil if it is not a legal one.
  @inline(__always)
  private static func parseLabel(
    _ start: UnsafeRawPointer, _ columns: borrowing CSVColumns, into label: UnsafeMutablePointer<UInt16>
  ) -> Int? {
    var (value, length) = (0, 0)
    while true {
      let digit = Int(start.load(fromByteOffset: length, as: UInt8.self)) &- Int(UInt8(ascii: "0"))
      guard digit >= 0, digit <= 9 else { break }
      guard length < columns.labelDigits else { return nil }
      value = 10 &* value &+ digit
      length &+= 1
    }
    guard length > 0, value < columns.classCount,
      start.load(fromByteOffset: length, as: UInt8.self) == CSVFormat.comma
    else { return nil }
    label.pointee = UInt16(truncatingIfNeeded: value)
    return length &+ 1
  }

  /// The length of a row's leading row numbers with their commas; nil if they are not row numbers.
  static func afterIndex(_ start: UnsafeRawPointer, columns: Int) -> Int? {
    var next = 0
    for _ in 0..<columns {
      let begin = next
      while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(start.load(fromByteOffset: next, as: UInt8.self)) {
        next += 1
        if next - begin > CSVFormat.mostIndexDigits { return nil }
      }
      guard next > begin, start.load(fromByteOffset: next, as: UInt8.self) == CSVFormat.comma else { return nil }
      next += 1
    }
    return next
  }

  /// Bit 4 of each byte: set in digits, clear in separators.
  private static let bit4: UInt64 = 0x1010_1010_1010_1010

  @inline(__always)
  private static func word(at address: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: address.loadUnaligned(as: UInt64.self))
  }

  /// Bit 4 of every byte that is assumed to be a separator.
  @inline(__always)
  private static func separators(_ word: UInt64) -> UInt64 { ~word & bit4 }

  /// The byte whose bit 4 is at `bit`.
  @inline(__always)
  private static func byte(of word: UInt64, at bit: Int) -> UInt64 { (word &>> (bit &- 4)) & 0xFF }

  /// The ends of the two numbers of a word: the positions of their separators' bits 4 (64 if there is none).
  private struct Ends {
    let separators: UInt64
    let afterFirst: UInt64
    let first: Int
    let second: Int

    @inline(__always)
    init(_ word: UInt64) {
      separators = CSVRowKernel.separators(word)
      afterFirst = separators & (separators &- 1)
      first = separators.trailingZeroBitCount
      second = afterFirst.trailingZeroBitCount
    }
  }

  /// The accumulated checks of a row. It is rejected if any bit of `bits` is set, `sign` is negative, or bit 0 of
  /// `lengths` is cleared.
  private struct Checks {
    var bits: UInt64 = 0
    var sign = 0
    var lengths: UInt64 = 1

    /// The legal lengths of a number in bits (one to three digits), as a bit set.
    private static let legalLengths: UInt64 = 1 << 8 | 1 << 16 | 1 << 24

    var passed: Bool { bits == 0 && sign >= 0 && lengths == 1 }

    /// The value of the number at the start of a word; the caller checks the separator after it.
    @inline(__always)
    mutating func last(_ word: UInt64, end: Int) -> UInt64 {
      let separator = UInt64(1) &<< end
      digits(word, separators: separator, through: separator)
      return number(word ^ 0x3030_3030_3030_3030, bits: end &- 4)
    }

    /// The values of both numbers of a word, the first in the low byte. The first ends in a comma; the caller checks the
    /// separator after the second.
    @inline(__always)
    mutating func pair(_ word: UInt64, _ ends: Ends) -> UInt16 {
      digits(word, separators: ends.separators, through: ends.afterFirst)
      bits |= byte(of: word, at: ends.first) ^ UInt64(CSVFormat.comma)
      let digits = word ^ 0x3030_3030_3030_3030
      let first = number(digits, bits: ends.first &- 4)
      let second = number(digits &>> (ends.first &+ 4), bits: ends.second &- ends.first &- 8)
      return UInt16(truncatingIfNeeded: first | second &<< 8).littleEndian
    }

    /// Checks that of the bytes up to the lowest bit of `through`, exactly the separators are not digits.
    @inline(__always)
    private mutating func digits(_ word: UInt64, separators: UInt64, through: UInt64) {
      let value = word ^ 0x3030_3030_3030_3030
      let notDigits = ((value & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676) | value
      bits |= (notDigits &>> 3 ^ separators) & bit4 & (through ^ (through &- 1))
    }

    /// The number with its digits in the lowest `bits` bits, one byte per digit, the most significant digit lowest;
    /// modulo 256.
    ///
    /// Checks that it has one to three digits and is at most 255: a larger one, modulo 256, is less than 100 times its
    /// hundreds digit (256-299 become 0-43; for 300-999 because a byte is below 300).
    @inline(__always)
    private mutating func number(_ digits: UInt64, bits: Int) -> UInt64 {
      let aligned = (digits &<< (64 &- bits)) &>> 40
      let value = ((aligned &* (100 &<< 16 | 10 &<< 8 | 1)) &>> 16) & 0xFF
      lengths &= Self.legalLengths &>> UInt64(truncatingIfNeeded: bits)
      sign |= Int(truncatingIfNeeded: value) &- 100 &* Int(truncatingIfNeeded: aligned & 0xFF)
      return value
    }
  }
}
