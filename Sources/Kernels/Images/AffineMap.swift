/// Where in the source image a pixel (x, y) of the changed image lies: u to the right and v down, in pixels.
///
///     u = ux x + uy y + u0        v = vx x + vy y + v0
public struct AffineMap: Equatable, Sendable {
  /// The coefficients of u.
  public var ux: Float, uy: Float, u0: Float
  /// The coefficients of v.
  public var vx: Float, vy: Float, v0: Float

  /// The map of an image that is turned, zoomed and then shifted, about its middle.
  ///
  /// All in double precision and rounded once at the end: the same bits on every machine.
  ///
  /// - Parameters:
  ///   - rotation: in radians, clockwise as the image is seen; at most a quarter of a half turn (π / 4) either way.
  ///   - zoom: the size, 1 being the image's own; above 0.
  ///   - shift: in pixels, to the right and down.
  public init(rotation: Double, zoom: Double, shift: SIMD2<Double>) {
    let (sine, cosine) = sineAndCosine(rotation)
    let (a, b) = (cosine / zoom, sine / zoom)
    let middle = Double(imageSide - 1) / 2
    let (x, y) = (middle + shift.x, middle + shift.y)
    (ux, uy, u0) = (Float(a), Float(b), Float(middle - a * x - b * y))
    (vx, vy, v0) = (Float(-b), Float(a), Float(middle + b * x - a * y))
  }
}
