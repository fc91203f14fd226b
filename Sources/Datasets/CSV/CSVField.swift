/// An error in one field.
struct CSVFieldFault: Error {
  let reason: CSVError.Reason
}

/// Parses single fields, for the slow path.
enum CSVField {
  /// The value of a pixel: one to three digits, optionally followed by a point and zeros.
  static func pixel(_ field: Slice<UnsafeRawBufferPointer>) throws(CSVFieldFault) -> UInt8 {
    UInt8(try number(field, limit: 255, mostDigits: 3) { .pixelOutOfRange($0) })
  }

  /// The value of a label.
  static func label(_ field: Slice<UnsafeRawBufferPointer>, _ columns: CSVColumns) throws(CSVFieldFault) -> UInt16 {
    let classes = columns.classCount
    // What has a letter and is no number such as 1e3.
    if field.contains(where: isLetter), field.first.map({ isLetter($0) || $0 == UInt8(ascii: "\"") }) == true {
      throw fault(field, CSVError.Reason.labelName)
    }
    return UInt16(
      try number(field, limit: classes - 1, mostDigits: columns.labelDigits) { .labelOutOfRange($0, classes: classes) })
  }

  private static func number(
    _ field: Slice<UnsafeRawBufferPointer>, limit: Int, mostDigits: Int, outOfRange: (String) -> CSVError.Reason
  ) throws(CSVFieldFault) -> Int {
    let digits = field.prefix(while: isDigit)
    let fraction = field[digits.endIndex...]
    guard !digits.isEmpty, fraction.isEmpty || isFraction(fraction) else {
      throw fault(field, CSVError.Reason.notANumber)
    }
    guard fraction.dropFirst().allSatisfy({ $0 == UInt8(ascii: "0") }) else {
      throw fault(field, CSVError.Reason.notWhole)
    }
    var value = 0
    for digit in digits { value = min(10 * value + Int(digit & 0xF), limit + 1) }
    guard value <= limit else { throw fault(field, outOfRange) }
    guard digits.count <= mostDigits, fraction.count <= 1 + CSVFormat.mostZeros else {
      throw fault(field, CSVError.Reason.notANumber)
    }
    return value
  }

  /// Checks that a field is a row number: 1 to `CSVFormat.mostIndexDigits` digits. Its value is not used.
  static func checkRowNumber(_ field: Slice<UnsafeRawBufferPointer>) throws(CSVFieldFault) {
    guard (1...CSVFormat.mostIndexDigits).contains(field.count), field.allSatisfy(isDigit) else {
      throw fault(field, CSVError.Reason.notARowNumber)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte >= 0x80
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// A point followed by digits.
  private static func isFraction(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    bytes.count > 1 && bytes.first == UInt8(ascii: ".") && bytes.dropFirst().allSatisfy(isDigit)
  }

  private static func fault(
    _ field: Slice<UnsafeRawBufferPointer>, _ reason: (String) -> CSVError.Reason
  ) -> CSVFieldFault {
    CSVFieldFault(reason: field.contains(0) ? .zeroBytes : reason(CSVFormat.excerpt(field)))
  }
}
