import CTargetCPU

/// Begins to bring an image of `count` bytes into the first-level cache, as far as the CPU would not follow by itself.
public func prefetchImage(_ pixels: UnsafePointer<UInt8>, count: Int) {
  for at in stride(from: 0, to: min(count, 1024), by: 64) { target_cpu_prefetch(pixels + at) }
}
