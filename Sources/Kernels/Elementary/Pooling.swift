/// A window of pooling: the input's positions that one output position sees.
///
/// Inputs and outputs are blocks of `block` consecutive numbers (a multiple of 16), one for each position; a pooling works
/// on each number of the block alone.
public struct PoolingWindow {
  /// The positions, in row-major order of the window.
  let positions: UnsafePointer<Int32>
  /// How many they are, at least one.
  let count: Int
  /// The size of a position.
  let block: Int

  /// A window over blocks of `block` numbers.
  public init(positions: UnsafePointer<Int32>, count: Int, block: Int) {
    self.positions = positions
    self.count = count
    self.block = block
  }

  /// Where the block of the window's element `index` begins.
  @inline(__always)
  func offset(_ index: Int) -> Int { Int(positions[index]) &* block }
}

/// output = the largest of the window's numbers.
public func maximum(
  _ window: PoolingWindow, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
) {
  forEachVector(window.block) { at in
    var largest = Lanes.load(input + (window.offset(0) &+ at))
    for index in 1..<window.count {
      let value = Lanes.load(input + (window.offset(index) &+ at))
      largest.replace(with: value, where: value .> largest)
    }
    largest.store(output + at)
  }
}

/// The backward pass of `maximum`: the gradient goes to the largest number, of equal ones to the first, as in Keras' JAX
/// and TensorFlow backends.
///
/// - Parameters:
///   - output: what `maximum` has computed from `input`.
///   - inputGradient: receives the gradient; the window's blocks are overwritten, or added to where `accumulates`.
public func maximumBackward(
  _ window: PoolingWindow, _ gradient: UnsafePointer<Float>, input: UnsafePointer<Float>, output: UnsafePointer<Float>,
  into inputGradient: UnsafeMutablePointer<Float>, accumulates: Bool
) {
  forEachVector(window.block) { at in
    let largest = Lanes.load(output + at)
    var rest = Lanes.load(gradient + at)
    for index in 0..<window.count {
      let place = window.offset(index) &+ at
      let wins = Lanes.load(input + place) .== largest
      let share = Lanes().replacing(with: rest, where: wins)
      rest.replace(with: Lanes(), where: wins)
      (accumulates ? Lanes.load(inputGradient + place) + share : share).store(inputGradient + place)
    }
  }
}

/// The backward pass of `maximum` where equally large numbers share the gradient: that of Keras' maximum over whole
/// dimensions, on every backend.
///
/// - Parameters:
///   - output: what `maximum` has computed from `input`.
///   - inputGradient: receives the gradient; the window's blocks are overwritten.
public func sharedMaximumBackward(
  _ window: PoolingWindow, _ gradient: UnsafePointer<Float>, input: UnsafePointer<Float>, output: UnsafePointer<Float>,
  into inputGradient: UnsafeMutablePointer<Float>
) {
  let one = Lanes(repeating: 1)
  forEachVector(window.block) { at in
    let largest = Lanes.load(output + at)
    var winners = Lanes()
    for index in 0..<window.count {
      let wins = Lanes.load(input + (window.offset(index) &+ at)) .== largest
      winners.replace(with: winners + one, where: wins)
    }
    let share = Lanes.load(gradient + at) / winners
    for index in 0..<window.count {
      let place = window.offset(index) &+ at
      let wins = Lanes.load(input + place) .== largest
      Lanes().replacing(with: share, where: wins).store(inputGradient + place)
    }
  }
}

/// output = the mean of the window's numbers, summed in their order.
public func mean(
  _ window: PoolingWindow, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
) {
  let count = Lanes(repeating: Float(window.count))
  forEachVector(window.block) { at in
    var sum = Lanes.load(input + (window.offset(0) &+ at))
    for index in 1..<window.count { sum += Lanes.load(input + (window.offset(index) &+ at)) }
    (sum / count).store(output + at)
  }
}

/// The backward pass of `mean`: each of the window's numbers gets its share of the gradient.
///
/// - Parameter inputGradient: receives the gradient; the window's blocks are overwritten, or added to where `accumulates`.
public func meanBackward(
  _ window: PoolingWindow, _ gradient: UnsafePointer<Float>, into inputGradient: UnsafeMutablePointer<Float>,
  accumulates: Bool
) {
  let count = Lanes(repeating: Float(window.count))
  forEachVector(window.block) { at in
    let share = Lanes.load(gradient + at) / count
    for index in 0..<window.count {
      let place = window.offset(index) &+ at
      (accumulates ? Lanes.load(inputGradient + place) + share : share).store(inputGradient + place)
    }
  }
}
