import CTargetCPU

/// One hardware vector of single-precision numbers: 16, 8 or 4 lanes, by the CPU that the build is for.
///
/// Every kernel gives the same bits at every width: lanes are independent outputs, and no sum ever runs across them.
@usableFromInline typealias Lanes = target_cpu_lanes

/// Random or mask bits, one 32-bit word a lane.
@usableFromInline typealias WordLanes = target_cpu_words

/// The rows that all kernels work on: 64 columns, the width of every layer of the network (a narrower matrix is padded).
public let panelColumns = 64

/// The name of an instruction set that this build uses and the running CPU lacks; nil if the CPU has all of them.
public func missingCPUFeature() -> String? {
  target_cpu_missing_feature().map { String(cString: $0) }
}

/// The number of the core that the calling thread is on at this moment; negative if the system does not say.
public var currentCore: Int { Int(target_cpu_core()) }

/// The number of single-precision lanes that this build computes with.
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
    self.addingProduct(a, b)
  }

  /// Brought into low ... high, where NaN stays NaN. (`pointwiseMin` and `pointwiseMax` turn it into the bound.)
  @inline(__always)
  func clamped(_ low: Float, _ high: Float) -> Lanes {
    let below = replacing(with: Lanes(repeating: high), where: self .> Lanes(repeating: high))
    return below.replacing(with: Lanes(repeating: low), where: below .< Lanes(repeating: low))
  }

  /// max(x, 0), where NaN stays NaN.
  @inline(__always)
  func rectified() -> Lanes { replacing(with: Lanes(), where: self .< Lanes()) }
}

/// Calls `body` with the first column of each vector of a run of `count` columns (a multiple of 16).
@inline(__always)
func forEachVector(_ count: Int, _ body: (Int) -> Void) {
  var column = 0
  while column < count {
    body(column)
    column &+= Lanes.scalarCount
  }
}
