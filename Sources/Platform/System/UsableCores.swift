import Glibc

/// The CPU cores that this process may run on.
public enum UsableCores {
  /// The process's CPU affinity mask, one bit per core, 64 cores per word. A launcher that binds ranks, or `taskset`,
  /// narrows it. Empty if unknown.
  public static var mask: [UInt64] {
    // sched_getaffinity is a GNU extension that the Glibc module does not export; Linux shows the same mask here.
    guard let file = fopen("/proc/self/status", "r") else { return [] }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
      if let mask = mask(inStatusLine: text) { return mask }
    }
    return []
  }

  /// The mask in the line `Cpus_allowed:	ff,ffffffff` (32 bits per group, the highest first); nil for any other line.
  static func mask(inStatusLine line: String) -> [UInt64]? {
    guard line.hasPrefix("Cpus_allowed:") else { return nil }
    let digits = line.dropFirst("Cpus_allowed:".count)
    let groups = digits.split { !$0.isHexDigit }.compactMap { UInt64($0, radix: 16) }
    var mask = [UInt64](repeating: 0, count: (groups.count + 1) / 2)
    for (index, group) in groups.reversed().enumerated() { mask[index / 2] |= group << (index % 2 * 32) }
    return mask
  }

  /// The number of cores in a mask; for an empty mask, the number of online cores.
  public static func count(in mask: [UInt64]) -> Int {
    let bits = mask.reduce(0) { $0 + $1.nonzeroBitCount }
    return bits > 0 ? bits : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// The number of cores that this process may run on, at least 1.
  public static var count: Int { count(in: mask) }
}
