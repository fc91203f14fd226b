/// A piece of code whose races are known.
struct Control: Sendable {
  let name: String
  /// Whether it holds a planted race.
  let isRace: Bool
  /// Runs it; false if the result is wrong. The result of a race is not judged.
  let run: @Sendable () throws -> Bool

  static let all = locks + publications + reductions
}

/// Memory that nothing guards.
final class Unguarded<Value>: @unchecked Sendable {
  // Sendable, so that the compiler lets a race be planted.
  let pointer: UnsafeMutablePointer<Value>

  init(_ value: Value, count: Int = 1) {
    pointer = .allocate(capacity: count)
    pointer.initialize(repeating: value, count: count)
  }

  deinit { pointer.deallocate() }
}
