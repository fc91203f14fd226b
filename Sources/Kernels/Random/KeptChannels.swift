import CTargetCPU

/// Lists the channels that a dropout mask keeps: the indices of the values of a row of `count` that are not zero, in order.
///
/// - Parameter list: receives them, and has room for `count` and a vector of 16 more.
/// - Returns: how many there are.
public func keptChannels(
  _ mask: UnsafePointer<Float>, count: Int, into list: UnsafeMutablePointer<Int32>
) -> Int {
  var kept = 0
  var channel = 0
  while channel &+ Lanes.scalarCount <= count {
    kept &+= Int(target_cpu_nonzero_lanes(.load(mask + channel), Int32(channel), list + kept))
    channel &+= Lanes.scalarCount
  }
  while channel < count {
    list[kept] = Int32(channel)
    kept &+= mask[channel] == 0 ? 0 : 1
    channel &+= 1
  }
  return kept
}
