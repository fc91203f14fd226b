import Communication
import Datasets

/// What the workers find in the rows of a run when they have read them: enough to see data that are odd, and so cheap that
/// the start of a run does not feel it (a pass over the bytes in the cache, and a few small messages).
struct RowFacts {
  /// The rows of each class.
  private(set) var training: [Int], validation: [Int]
  /// Rows with a pixel above 1.
  private(set) var brightTraining = 0, brightValidation = 0
  /// Validation rows with the pixels of a training row.
  private(set) var shared = 0
  /// The names of the classes.
  let classes: ClassNames
  /// Whether the validation rows are held out of the training file.
  let isHeldOut: Bool

  /// More validation rows than that are not compared with the training rows: every worker would keep a number of each.
  private static let mostCompared = 1 << 22

  /// Looks at this worker's rows and puts what all have found together. Collective.
  init(
    _ trainingTable: RowTable, _ trainingRows: Range<Int>, _ validationTable: RowTable, _ validationRows: Range<Int>,
    _ classes: ClassNames, isHeldOut: Bool, _ communicator: any Communicator
  ) throws {
    self.isHeldOut = isHeldOut
    self.classes = classes
    let count = classes.count
    let mine = RowScan(trainingTable, trainingRows, classCount: count)
    let asked = RowScan(validationTable, validationRows, classCount: count)
    var sums = mine.classes + asked.classes + [mine.brightRows, asked.brightRows, validationRows.count]
    try communicator.allReduce(&sums, .sum)
    training = Array(sums[..<count])
    validation = Array(sums[count..<2 * count])
    (brightTraining, brightValidation) = (sums[2 * count], sums[2 * count + 1])
    guard sums[2 * count + 2] <= Self.mostCompared else { return }
    let all = FirstIndices(of: try communicator.allGather(asked.digests).flatMap { $0 })
    var met = [UInt8](repeating: 0, count: all.count)
    for digest in mine.digests {
      if let index = all.index(of: digest) { met[index] = 1 }
    }
    try communicator.allReduce(&met, .maximum)
    shared = all.firstIndices.count { met[$0] != 0 }
  }

  /// What is odd, a sentence each.
  var warnings: [String] {
    let (shown, asked) = ("the training rows", "the validation rows")
    return [
      RowWarnings.ofAbsent(training, in: shown, classes), RowWarnings.ofAbsent(validation, in: asked, classes),
      brightTraining > 0 ? nil : RowWarnings.dark(brightest: 1, in: shown),
      brightValidation > 0 ? nil : RowWarnings.dark(brightest: 1, in: asked),
      RowWarnings.unseenClasses(validation, training: training, in: asked, classes, isHeldOut: isHeldOut),
      RowWarnings.shared(shared, with: "validation"),
    ].compactMap { $0 }
  }
}

/// What one worker sees in rows.
private struct RowScan {
  /// The rows of each class.
  private(set) var classes: [Int]
  /// Rows with a pixel above 1.
  private(set) var brightRows = 0
  /// A number for each row's pixels: the same for the same pixels, and for others with a chance of 2^-64.
  private(set) var digests: [UInt64] = []

  init(_ table: RowTable, _ rows: Range<Int>, classCount: Int) {
    classes = [Int](repeating: 0, count: classCount)
    digests.reserveCapacity(rows.count)
    for row in rows {
      classes[Int(table.label(row))] += 1
      let (digest, isBright) = Self.scan(UnsafeRawPointer(table.pixels(row)), count: table.format.count)
      digests.append(digest)
      brightRows += isBright ? 1 : 0
    }
  }

  /// Folds 16 bytes at a time by a product of 128 bits, in two chains, so that one need not wait for the other.
  @inline(__always)
  private static func scan(_ pixels: UnsafeRawPointer, count: Int) -> (digest: UInt64, isBright: Bool) {
    var (even, odd): (UInt64, UInt64) = (0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F)
    var seen: UInt64 = 0
    func word(_ index: Int) -> UInt64 { pixels.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) }
    let words = count / 8
    let quadruples = words & ~3
    for index in stride(from: 0, to: quadruples, by: 4) {
      let (a, b, c, d) = (word(index), word(index + 1), word(index + 2), word(index + 3))
      seen |= a | b | c | d
      even = fold(a ^ even, b ^ 0xD6E8_FEB8_6659_FD93)
      odd = fold(c ^ odd, d ^ 0xA076_1D64_78BD_642F)
    }
    for index in quadruples..<words {
      seen |= word(index)
      even = fold(word(index) ^ even, 0xE703_7ED1_A0B4_28DB)
    }
    for index in 8 * words..<count {
      let byte = UInt64(pixels.load(fromByteOffset: index, as: UInt8.self))
      seen |= byte
      odd = fold(byte ^ odd, 0xE703_7ED1_A0B4_28DB)
    }
    return (fold(even ^ 0x8EBC_6AF0_9C88_C6E3, odd), seen & 0xFEFE_FEFE_FEFE_FEFE != 0)
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}

/// Numbers, and for each the index where it comes first.
private struct FirstIndices {
  private let numbers: [UInt64]
  /// For each number, the index of the first one that equals it.
  private(set) var firstIndices: [Int] = []
  /// A table with open addressing: indices plus one, 0 for none.
  private var slots: [Int32]

  init(of numbers: [UInt64]) {
    self.numbers = numbers
    var size = 16
    while size < 2 * numbers.count { size *= 2 }
    slots = [Int32](repeating: 0, count: size)
    firstIndices.reserveCapacity(numbers.count)
    for index in numbers.indices {
      let slot = slot(of: numbers[index])
      if slots[slot] == 0 { slots[slot] = Int32(index + 1) }
      firstIndices.append(Int(slots[slot]) - 1)
    }
  }

  var count: Int { numbers.count }

  /// Where a number comes first; nil if it does not.
  func index(of number: UInt64) -> Int? {
    let index = Int(slots[slot(of: number)]) - 1
    return index >= 0 ? index : nil
  }

  private func slot(of number: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: number) & (slots.count - 1)
    while slots[slot] != 0, numbers[Int(slots[slot]) - 1] != number { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }
}
