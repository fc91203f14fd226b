import Datasets
import ImageFiles
import Runs
import Training

/// A confusion matrix as a picture for TensorBoard: a line for each true class, a column for each predicted one. What is right is
/// blue, what is wrong is red, the stronger the larger the part of the true class.
struct ConfusionPicture {
  /// The most classes; of more, nothing could be seen.
  static let mostClasses = 480
  /// The width of the matrix at most, and of a class at most.
  private static let most = 960, mostCell = 40
  private static let margin = 12
  /// The scale of the letters beside the matrix.
  private static let scale = 2

  private typealias Color = (UInt8, UInt8, UInt8)
  private static let paper: Color = (255, 255, 255), ink: Color = (40, 44, 52), line: Color = (222, 226, 232)
  private static let right: Color = (24, 92, 190), wrong: Color = (206, 50, 36)

  private let counts: [[Int]]
  private let rows: [String], columns: [String]
  private let cell: Int
  private let corner: (x: Int, y: Int)
  private var canvas: Canvas

  /// The picture; nil for too many classes.
  static func png(_ matrix: ConfusionMatrix, classes: ClassNames) -> ConfusionPNG? {
    let labels = matrix.classes.map(\.label)
    guard !labels.isEmpty, labels.count <= mostClasses else { return nil }
    var picture = ConfusionPicture(matrix, labels, classes)
    picture.draw()
    let canvas = picture.canvas
    let format = ImageFormat(height: canvas.height, width: canvas.width, channels: 3)
    return ConfusionPNG(
      bytes: PNGImage(canvas.pixels, format, isDrawing: true).bytes, width: canvas.width, height: canvas.height)
  }

  /// - Parameter labels: the classes that occur.
  private init(_ matrix: ConfusionMatrix, _ labels: [Int], _ classes: ClassNames) {
    counts = labels.map { row in labels.map { matrix.counts[row][$0] } }
    cell = min(Self.mostCell, max(2, Self.most / labels.count))
    let names = labels.map { BitmapFont.text(classes.name(of: $0)) }
    let room = cell / (BitmapFont.advance * Self.scale)
    // Names that do not fit above a column are told by the class's number, which then stands beside the lines too.
    let areShort = names.allSatisfy { $0.map { $0.count <= room } ?? false }
    columns = areShort ? names.map { $0 ?? "" } : labels.map(String.init)
    rows =
      areShort
      ? columns
      : zip(labels, names).map { label, name in
        name.map { $0 == "\(label)" ? $0 : "\(label) \($0.prefix(16))" } ?? "\(label)"
      }
    let isNamed = cell >= BitmapFont.height * Self.scale
    let beside = isNamed ? rows.map { BitmapFont.width(of: $0) * Self.scale }.max() ?? 0 : 0
    let letters = BitmapFont.height * Self.scale
    corner = (Self.margin + beside + Self.margin, 3 * Self.margin + 2 * letters)
    let caption = BitmapFont.width(of: Self.caption) * Self.scale + 2 * Self.margin
    canvas = Canvas(
      width: max(caption, corner.x + cell * labels.count + Self.margin),
      height: corner.y + cell * labels.count + Self.margin, Self.paper)
  }

  private static let caption = "ROWS: TRUE CLASS, COLUMNS: PREDICTED"

  private mutating func draw() {
    canvas.write(Self.caption, x: Self.margin, y: Self.margin, scale: Self.scale, Self.ink)
    drawNames()
    let widest = counts.joined().map { String($0).count }.max() ?? 1
    let scale = [2, 1].first { BitmapFont.advance * widest * $0 <= cell && BitmapFont.height * $0 < cell }
    for (row, line) in counts.enumerated() {
      let sum = line.reduce(0, +)
      for (column, count) in line.enumerated() {
        let (x, y) = (corner.x + column * cell, corner.y + row * cell)
        // The root shows few mistakes among many rows.
        let strength = sum == 0 ? 0 : (Double(count) / Double(sum)).squareRoot()
        canvas.fill(x: x, y: y, width: cell, height: cell, cell >= 8 ? Self.line : Self.paper)
        let edge = cell >= 8 ? 1 : 0
        canvas.fill(
          x: x, y: y, width: cell - edge, height: cell - edge,
          Self.mixed(row == column ? Self.right : Self.wrong, strength))
        guard count > 0, let scale else { continue }
        let text = String(count)
        canvas.write(
          text, x: x + (cell - BitmapFont.width(of: text) * scale) / 2, y: y + (cell - BitmapFont.height * scale) / 2,
          scale: scale, strength > 0.55 ? Self.paper : Self.ink)
      }
    }
  }

  private mutating func drawNames() {
    let letters = BitmapFont.height * Self.scale
    guard cell >= letters else { return }
    for (number, name) in rows.enumerated() {
      let width = BitmapFont.width(of: name) * Self.scale
      canvas.write(
        name, x: corner.x - Self.margin - width, y: corner.y + number * cell + (cell - letters) / 2, scale: Self.scale,
        Self.ink)
    }
    for (number, name) in columns.enumerated() {
      let width = BitmapFont.width(of: name) * Self.scale
      guard width <= cell else { continue }
      canvas.write(
        name, x: corner.x + number * cell + (cell - width) / 2, y: corner.y - Self.margin / 2 - letters,
        scale: Self.scale, Self.ink)
    }
  }

  /// A color on white, of a strength from 0 to 1.
  private static func mixed(_ color: Color, _ strength: Double) -> Color {
    let mix = { (part: UInt8) in UInt8((255 + (Double(part) - 255) * strength).rounded()) }
    return (mix(color.0), mix(color.1), mix(color.2))
  }

  /// Pixels in colors.
  private struct Canvas {
    let width: Int, height: Int
    private(set) var pixels: [UInt8]

    init(width: Int, height: Int, _ color: Color) {
      (self.width, self.height) = (width, height)
      pixels = [UInt8](repeating: 255, count: 3 * width * height)
      fill(x: 0, y: 0, width: width, height: height, color)
    }

    mutating func fill(x: Int, y: Int, width: Int, height: Int, _ color: Color) {
      for line in max(0, y)..<min(self.height, y + height) {
        for column in max(0, x)..<min(self.width, x + width) {
          let at = 3 * (line * self.width + column)
          (pixels[at], pixels[at + 1], pixels[at + 2]) = color
        }
      }
    }

    mutating func write(_ text: String, x: Int, y: Int, scale: Int, _ color: Color) {
      BitmapFont.draw(text) { column, line in
        fill(x: x + scale * column, y: y + scale * line, width: scale, height: scale, color)
      }
    }
  }
}
