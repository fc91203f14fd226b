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

  /// The offsets of a window of `count` positions: as values, not looked up again for each vector.
  @inline(__always)
  func offsets<let count: Int>(_ size: WindowSize<count>) -> InlineArray<count, Int> {
    InlineArray<count, Int> { offset($0) }
  }
}

/// A number of positions, as a type.
struct WindowSize<let count: Int> {}

/// output = the largest of the window's numbers.
public func maximum(
  _ window: PoolingWindow, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
) {
  switch window.count {
  case 2: maximum(window, WindowSize<2>(), input, into: output)
  case 4: maximum(window, WindowSize<4>(), input, into: output)
  default:
    var at = 0
    while at < window.block {
      var largest = Lanes.load(input + (window.offset(0) &+ at))
      for index in 1..<window.count {
        let value = Lanes.load(input + (window.offset(index) &+ at))
        largest.replace(with: value, where: value .> largest)
      }
      largest.store(output + at)
      at &+= Lanes.scalarCount
    }
  }
}

@inline(__always)
private func maximum<let count: Int>(
  _ window: PoolingWindow, _ size: WindowSize<count>, _ input: UnsafePointer<Float>,
  into output: UnsafeMutablePointer<Float>
) {
  let offsets = window.offsets(size)
  var at = 0
  while at < window.block {
    var largest = Lanes.load(input + (offsets[0] &+ at))
    for index in 1..<count {
      let value = Lanes.load(input + (offsets[index] &+ at))
      largest.replace(with: value, where: value .> largest)
    }
    largest.store(output + at)
    at &+= Lanes.scalarCount
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
  for at in vectors(window.block) {
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

/// The backward pass of a ReLU and of `maximum` after it, in place: of the window's numbers the first that is the largest
/// gets the gradient if it is above 0.
///
/// - Parameters:
///   - output: what `maximum` has computed from `values`.
///   - values: the ReLU's, of a window that shares none with another; receive the gradient with respect to the ReLU's input.
public func rectifiedMaximumBackward(
  _ window: PoolingWindow, _ gradient: UnsafePointer<Float>, output: UnsafePointer<Float>,
  replacing values: UnsafeMutablePointer<Float>
) {
  switch window.count {
  case 2: rectifiedMaximumBackward(window, WindowSize<2>(), gradient, output: output, replacing: values)
  case 4: rectifiedMaximumBackward(window, WindowSize<4>(), gradient, output: output, replacing: values)
  default:
    var at = 0
    while at < window.block {
      let largest = Lanes.load(output + at)
      var rest = Lanes().replacing(with: Lanes.load(gradient + at), where: largest .> Lanes())
      for index in 0..<window.count { passOn(&rest, largest, values + (window.offset(index) &+ at)) }
      at &+= Lanes.scalarCount
    }
  }
}

@inline(__always)
private func rectifiedMaximumBackward<let count: Int>(
  _ window: PoolingWindow, _ size: WindowSize<count>, _ gradient: UnsafePointer<Float>,
  output: UnsafePointer<Float>, replacing values: UnsafeMutablePointer<Float>
) {
  let offsets = window.offsets(size)
  var at = 0
  while at < window.block {
    let largest = Lanes.load(output + at)
    var rest = Lanes().replacing(with: Lanes.load(gradient + at), where: largest .> Lanes())
    for index in 0..<count { passOn(&rest, largest, values + (offsets[index] &+ at)) }
    at &+= Lanes.scalarCount
  }
}

/// Replaces values by what they get of the gradient: `rest` where they are the largest, which then has nothing left.
@inline(__always)
private func passOn(_ rest: inout Lanes, _ largest: Lanes, _ values: UnsafeMutablePointer<Float>) {
  let wins = Lanes.load(values) .== largest
  Lanes().replacing(with: rest, where: wins).store(values)
  rest.replace(with: Lanes(), where: wins)
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
  for at in vectors(window.block) {
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
  for at in vectors(window.block) {
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
  for at in vectors(window.block) {
    let share = Lanes.load(gradient + at) / count
    for index in 0..<window.count {
      let place = window.offset(index) &+ at
      (accumulates ? Lanes.load(inputGradient + place) + share : share).store(inputGradient + place)
    }
  }
}
