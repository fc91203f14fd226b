extension ReferenceKernels {
  /// One number of every position in a window, in the window's order: its largest.
  public static func maximum(_ numbers: [Float]) -> Float {
    numbers.dropFirst().reduce(numbers[0]) { $1 > $0 ? $1 : $0 }
  }

  /// The gradient of `maximum` by each number: all of it to the first that is the largest.
  public static func maximumGradient(_ numbers: [Float], _ gradient: Float) -> [Float] {
    let largest = maximum(numbers)
    let winner = numbers.firstIndex(of: largest)
    return numbers.indices.map { $0 == winner ? gradient : 0 }
  }

  /// The gradient of `maximum` by each number, in equal shares to those that are the largest.
  public static func sharedMaximumGradient(_ numbers: [Float], _ gradient: Float) -> [Float] {
    let largest = maximum(numbers)
    let winners = Float(numbers.count { $0 == largest })
    return numbers.map { $0 == largest ? gradient / winners : 0 }
  }

  /// The mean of a window's numbers, summed in their order.
  public static func mean(_ numbers: [Float]) -> Float {
    numbers.dropFirst().reduce(numbers[0], +) / Float(numbers.count)
  }
}
