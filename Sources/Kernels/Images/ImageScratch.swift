/// The memory that `augmentImage` works in for images of one shape: parts of a block that the caller owns, so that the
/// kernels allocate nothing. One image at a time may use it; its contents mean nothing before and after.
public struct ImageScratch {
  /// The gray levels of a channel. The two rows before them and after them are the blur's.
  let gray: UnsafeMutablePointer<Float>
  /// The rows of the blur, of width + 4 numbers.
  let rows: UnsafeMutablePointer<Float>
  /// The neighbours of each pixel, for resampling; the same memory as `rows`.
  let neighbours: UnsafeMutablePointer<UInt32>
  /// Of the pixels of a strip, for resampling: where their neighbours are, and how far to the right and down of the first of these
  /// their points lie.
  let places: UnsafeMutablePointer<UInt32>, right: UnsafeMutablePointer<Float>, down: UnsafeMutablePointer<Float>
  /// The bytes of a channel before and after its change.
  let source: UnsafeMutablePointer<UInt8>, target: UnsafeMutablePointer<UInt8>

  /// The pixels of a strip, whole vectors of every width: few enough for the first-level cache.
  static let strip = 256

  /// What vectors may read and write past the end of each part.
  private static let margin = 32

  /// The bytes that images of this shape need: about 10 a pixel, and 3 kB.
  public static func byteCount(_ shape: ImageShape) -> Int {
    4 * (grayCount(shape) + rowsCount(shape) + 3 * strip) + sourceCount(shape) + targetCount(shape)
  }

  /// The parts of `memory`, which has `byteCount(shape)` bytes, all initialized, and the alignment of a float.
  public init(_ shape: ImageShape, memory: UnsafeMutableRawPointer) {
    let floats = memory.assumingMemoryBound(to: Float.self)
    gray = floats + 2 &* shape.width
    rows = floats + Self.grayCount(shape)
    neighbours = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: UInt32.self)
    right = rows + Self.rowsCount(shape)
    down = right + Self.strip
    places = UnsafeMutableRawPointer(down + Self.strip).assumingMemoryBound(to: UInt32.self)
    let bytes = UnsafeMutableRawPointer(places + Self.strip).assumingMemoryBound(to: UInt8.self)
    source = bytes
    target = bytes + Self.sourceCount(shape)
  }

  private static func grayCount(_ shape: ImageShape) -> Int { (shape.height &+ 4) &* shape.width &+ margin }
  private static func rowsCount(_ shape: ImageShape) -> Int { shape.height &* (shape.width &+ 4) &+ margin }
  private static func sourceCount(_ shape: ImageShape) -> Int { (shape.height &+ 1) &* shape.width &+ margin }
  private static func targetCount(_ shape: ImageShape) -> Int { shape.pixels &+ margin }
}
