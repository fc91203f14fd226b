/// A hand shape of the synthetic data set: the direction of the hand, the poses of the four fingers, and the thumb.
///
/// Modelled on the American manual alphabet, as far as strokes on 28 x 28 pixels allow.
struct SyntheticHand {
  /// The offset of a fingertip from its knuckle, to the side and up, in 1/16 pixel.
  private static let fingers: [Character: (side: Int, up: Int)] = [
    ".": (0, 14),  // folded
    "-": (0, 62),  // bent
    "<": (-46, 62),  // bent towards the thumb
    "|": (0, 150),  // straight
    "/": (54, 140),  // straight, leaning away from the thumb
    "\\": (-54, 140),  // straight, leaning towards the thumb
  ]

  /// The positions of the thumb: the start and end of its stroke.
  private enum Thumb {
    case alongside, across, out, between, under

    var stroke: (from: SIMD2<Int>, to: SIMD2<Int>) {
      switch self {
      case .alongside: (SIMD2(-84, 84), SIMD2(-100, -20))
      case .across: (SIMD2(-84, 84), SIMD2(34, 44))
      case .out: (SIMD2(-70, 90), SIMD2(-176, 40))
      case .between: (SIMD2(-76, 84), SIMD2(-16, -46))
      case .under: (SIMD2(-76, 110), SIMD2(50, 116))
      }
    }
  }

  private enum Direction {
    case up, aside, down

    func turn(_ point: SIMD2<Int>) -> SIMD2<Int> {
      switch self {
      case .up: point
      case .aside: SIMD2(point.y, -point.x)
      case .down: SIMD2(-point.x, -point.y)
      }
    }
  }

  /// The poses by class name: all letters but J and Z, which are signed with a movement.
  private static let poses: [(name: Character, fingers: String, thumb: Thumb, direction: Direction)] = [
    ("A", "....", .alongside, .up), ("B", "||||", .across, .up), ("C", "<<<<", .out, .up), ("D", "|---", .across, .up),
    ("E", "----", .under, .up), ("F", "<|//", .between, .up), ("G", "|...", .alongside, .aside),
    ("H", "||..", .across, .aside), ("I", "...|", .across, .up), ("K", "|/..", .between, .up), ("L", "|...", .out, .up),
    ("M", "---.", .across, .up), ("N", "--..", .across, .up), ("O", "<<--", .between, .up),
    ("P", "|/..", .between, .down),
    ("Q", "|...", .out, .down), ("R", "/\\..", .across, .up), ("S", "....", .across, .up), ("T", "....", .between, .up),
    ("U", "||..", .across, .up), ("V", "\\/..", .across, .up), ("W", "\\|/.", .across, .up),
    ("X", "<...", .across, .up),
    ("Y", "...|", .out, .up),
  ]

  /// A line with round ends: a finger, or, with both ends almost equal, the palm. In 1/16 pixel.
  struct Stroke {
    var from: SIMD2<Int>
    var to: SIMD2<Int>
    var radius: Int
  }

  /// The number of classes with images.
  static let classCount = poses.count

  /// The class, 0-24.
  let label: UInt16
  /// The strokes, relative to the hand's center, x to the right and y down, in 1/16 pixel.
  let strokes: [Stroke]

  /// The hand of a pose in `0 ..< classCount`.
  init(number: Int) {
    let pose = Self.poses[number]
    label = UInt16(ClassNames.signLanguageMNIST.label(of: String(pose.name))!)
    let palm = Stroke(from: SIMD2(-10, 84), to: SIMD2(10, 84), radius: 88)
    let fingers = zip([-63, -21, 21, 63], pose.fingers).map { knuckle, code in
      let reach = Self.fingers[code]!
      return Stroke(from: SIMD2(knuckle, 14), to: SIMD2(knuckle + reach.side, 14 - reach.up), radius: 27)
    }
    let thumb = Stroke(from: pose.thumb.stroke.from, to: pose.thumb.stroke.to, radius: 29)
    strokes = ([palm, thumb] + fingers).map {
      Stroke(from: pose.direction.turn($0.from), to: pose.direction.turn($0.to), radius: $0.radius)
    }
  }

  /// The hands of all classes with images.
  static let all = (0..<classCount).map(SyntheticHand.init)
}
