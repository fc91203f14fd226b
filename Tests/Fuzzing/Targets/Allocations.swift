import AllocationMeter

/// The promise about memory: a reader may ask the heap for 10 bytes for each byte of its input, and for a little more.
enum Allocations {
  static let perByte = 10

  /// Calls a reader and holds it to the promise. What counts is the sum of all requests, freed or not: what is in use at
  /// one time is less.
  ///
  /// The first call may also have made the runtime's own tables (of generic types, of character properties), once in a
  /// process. So an excess is only one if the same call is excessive twice.
  ///
  /// - Parameter fixed: what the reader may ask for beyond that, whatever the input.
  static func limited<Value, Failure>(
    inputBytes: Int, fixed: Int, perByte: Int = perByte, _ what: String, _ read: () -> Result<Value, Failure>
  ) -> Result<Value, Failure> {
    let limit = perByte * inputBytes + fixed
    var result = metered(read)
    if result.requested > limit { result = metered(read) }
    require(
      result.requested <= limit,
      "\(what): \(result.requested) bytes requested for an input of \(inputBytes); at most \(limit)")
    return result.value
  }

  private static func metered<Value>(_ body: () -> Value) -> (value: Value, requested: Int) {
    allocation_meter_start()
    let value = body()
    return (value, Int(allocation_meter_stop()))
  }
}
