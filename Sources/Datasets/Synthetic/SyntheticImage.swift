import Kernels

/// A drawing of a hand: its strokes, background lighting and noise.
///
/// Lengths are in 1/16 pixel. Divisions by powers of two are shifts, which round down for both signs.
struct SyntheticImage {
  private var stream: RandomStream
  private var strokes: [SyntheticHand.Stroke] = []
  private let background: Int
  private let slope: SIMD2<Int>
  private let brightness: Int

  /// Draws the random parameters in a fixed order: position, size, slant, lighting, fingertips.
  init(of hand: SyntheticHand, stream: RandomStream) {
    let side = 16 * SyntheticSet.format.width
    var draws = Draws(stream: stream)
    let center = SIMD2(side / 2 + draws.within(10), side / 2 + draws.within(10))
    let size = 256 + draws.within(16)
    let slant = draws.within(12)
    background = 56 + draws.within(12)
    slope = SIMD2(draws.within(16), draws.within(16))
    brightness = 150 + draws.within(20)

    for stroke in hand.strokes {
      let tip = stroke.to &+ SIMD2(draws.within(6), draws.within(6))
      let ends = [stroke.from, tip].map { point in
        let slanted = SIMD2(point.x - (slant * point.y) >> 8, point.y + (slant * point.x) >> 8)
        return SIMD2((slanted.x * size) >> 8, (slanted.y * size) >> 8) &+ center
      }
      strokes.append(.init(from: ends[0], to: ends[1], radius: (stroke.radius * size) >> 8))
    }
    self.stream = draws.stream
  }

  /// Passes the 784 pixels to `emit`, in row-major order.
  mutating func draw(_ emit: (UInt8) -> Void) {
    for y in 0..<SyntheticSet.format.width {
      for x in 0..<SyntheticSet.format.width {
        let point = SIMD2(16 * x + 8, 16 * y + 8)
        let lighting = background + (slope.x * x + slope.y * y) >> 5
        let coverage = strokes.reduce(0) { max($0, Self.coverage(of: $1, at: point)) }
        let value = lighting + (coverage * brightness) >> 8 + noise()
        emit(UInt8(max(0, min(255, value))))
      }
    }
  }

  /// The coverage of a point by a stroke: 256 on its center line, falling to 0 at its radius.
  private static func coverage(of stroke: SyntheticHand.Stroke, at point: SIMD2<Int>) -> Int {
    let line = stroke.to &- stroke.from
    let offset = point &- stroke.from
    let length = max(1, dot(line, line))
    let along = max(0, min(length, dot(offset, line)))
    let nearest = SIMD2(line.x * along / length, line.y * along / length)
    let distance = dot(offset &- nearest, offset &- nearest)
    let reach = stroke.radius * stroke.radius
    return distance >= reach ? 0 : 256 - (256 * distance * distance) / (reach * reach)
  }

  private static func dot(_ a: SIMD2<Int>, _ b: SIMD2<Int>) -> Int { a.x * b.x + a.y * b.y }

  /// The sum of four uniformly distributed integers in -8 ... 7: nearly normal, with a standard deviation of 9.
  private mutating func noise() -> Int {
    let word = stream.nextWord()
    return Int(word & 15) + Int(word >> 8 & 15) + Int(word >> 16 & 15) + Int(word >> 24 & 15) - 32
  }

  /// Random integers around zero.
  private struct Draws {
    var stream: RandomStream

    /// Uniformly distributed in `-most ... most`.
    mutating func within(_ most: Int) -> Int { stream.nextInteger(below: 2 * most + 1) - most }
  }
}
