/// Copies the windows of a convolution into the rows of a matrix, so that the convolution becomes a matrix product
/// ("im2col").
///
/// Row p of the matrix has the window of output position p: for each of its taps the channels of the input position, or
/// zeros where the tap lies outside the input.
///
/// - Parameters:
///   - windows: the input position of each tap, [positions, taps]; -1 outside.
///   - input: one sample; position p begins at p · `stride`.
///   - rows: receives [positions, taps · channels].
public func gatherWindows(
  _ windows: UnsafePointer<Int32>, positions: Int, taps: Int, _ input: UnsafePointer<Float>, stride: Int,
  channels: Int, into rows: UnsafeMutablePointer<Float>
) {
  var target = rows
  for tap in 0..<positions &* taps {
    let position = Int(windows[tap])
    if position < 0 {
      target.update(repeating: 0, count: channels)
    } else {
      copyNumbers(input + position &* stride, into: target, count: channels)
    }
    target += channels
  }
}

/// The reverse of `gatherWindows` for gradients: adds each tap's channels to its input position, in the order of the rows
/// and taps.
///
/// - Parameters:
///   - rows: [positions, taps · channels], `rowStride` numbers apart.
///   - input: receives the sums; position p begins at p · `stride`.
public func scatterWindows(
  _ windows: UnsafePointer<Int32>, positions: Int, taps: Int, _ rows: UnsafePointer<Float>, rowStride: Int,
  channels: Int, into input: UnsafeMutablePointer<Float>, stride: Int
) {
  for row in 0..<positions {
    for tap in 0..<taps {
      let position = Int(windows[row &* taps &+ tap])
      if position < 0 { continue }
      addNumbers(rows + (row &* rowStride &+ tap &* channels), to: input + position &* stride, count: channels)
    }
  }
}

/// Copies `count` numbers, any count: whole vectors, the last of which may overlap the one before.
@inline(__always)
public func copyNumbers(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int) {
  guard count >= Lanes.scalarCount else {
    for at in 0..<count { target[at] = source[at] }
    return
  }
  let last = count &- Lanes.scalarCount
  var at = 0
  while at < last {
    Lanes.load(source + at).store(target + at)
    at &+= Lanes.scalarCount
  }
  Lanes.load(source + last).store(target + last)
}

/// sum += addend over `count` numbers, any count.
@inline(__always)
func addNumbers(_ addend: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count: Int) {
  var at = 0
  while at &+ Lanes.scalarCount <= count {
    (Lanes.load(sum + at) + Lanes.load(addend + at)).store(sum + at)
    at &+= Lanes.scalarCount
  }
  while at < count {
    sum[at] += addend[at]
    at &+= 1
  }
}
