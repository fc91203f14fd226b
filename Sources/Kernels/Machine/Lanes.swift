import CTargetCPU

/// One hardware vector of single-precision numbers: 16, 8 or 4 lanes, depending on the CPU that the build targets.
///
/// Every kernel computes the same bits at every width: lanes are independent outputs, and no sum runs across them.
@usableFromInline typealias Lanes = target_cpu_lanes

/// Random or mask bits, one 32-bit word per lane.
@usableFromInline typealias WordLanes = target_cpu_words

/// The number of columns of a panel, in which the products read B: the widest tile of any vector width.
public let panelColumns = 64

/// The first instruction set that this build uses and the running CPU lacks; nil if it has all of them.
public func missingCPUFeature() -> String? {
  target_cpu_missing_feature().map { String(cString: $0) }
}

/// The core on which the calling thread runs; negative if unknown.
public var currentCore: Int { Int(target_cpu_core()) }

/// The number of single-precision lanes of this build's vectors.
public let laneCount = Lanes.scalarCount

extension Lanes {
  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  func store(_ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Lanes.self)
  }

  @inline(__always)
  func adding(product a: Lanes, _ b: Lanes) -> Lanes {
    target_cpu_multiply_add(a, b, self)
  }

  /// Clamped to low ... high; NaN stays NaN. (`pointwiseMin` and `pointwiseMax` would turn it into the bound.)
  @inline(__always)
  func clamped(_ low: Float, _ high: Float) -> Lanes {
    target_cpu_clamped(self, low, high)
  }

  /// max(x, 0); NaN stays NaN.
  @inline(__always)
  func rectified() -> Lanes { target_cpu_rectified(self) }
}

/// The indices of the first elements of the vectors of `count` elements (a multiple of 16).
///
/// A loop over them is one loop: a closure for each vector may become a call, which loads the body's constants each time.
@inline(__always)
func vectors(_ count: Int) -> VectorStarts { VectorStarts(end: count) }

/// The sequence that `vectors` returns.
struct VectorStarts: Sequence, IteratorProtocol {
  fileprivate var start = 0
  fileprivate let end: Int

  fileprivate init(end: Int) { self.end = end }

  @inline(__always)
  mutating func next() -> Int? {
    guard start < end else { return nil }
    defer { start &+= Lanes.scalarCount }
    return start
  }
}

/// 0, 1, 2 ... in the lanes.
var laneNumbers: Lanes {
  @inline(__always) get { target_cpu_lane_numbers() }
}
