/// An affine map from a pixel (x, y) of the output image to a point (u, v) of the source image; u to the right and v
/// down, in pixels.
///
///     u = ux x + uy y + u0        v = vx x + vy y + v0
public struct AffineMap: Equatable, Sendable {
  /// The coefficients of u.
  public var ux: Float, uy: Float, u0: Float
  /// The coefficients of v.
  public var vx: Float, vy: Float, v0: Float

  /// Rotation and zoom about the image's center, then a shift.
  ///
  /// Computed in double precision and rounded once at the end: the same bits on every machine.
  ///
  /// - Parameters:
  ///   - rotation: in radians, clockwise on the screen, from -π / 4 to π / 4.
  ///   - zoom: the scale factor, above 0; above 1 the content is enlarged.
  ///   - shift: in pixels, to the right and down.
  ///   - shape: that of the image.
  public init(rotation: Double, zoom: Double, shift: SIMD2<Double>, in shape: ImageShape) {
    let (sine, cosine) = sineAndCosine(rotation)
    let (a, b) = (cosine / zoom, sine / zoom)
    let (centerX, centerY) = (Double(shape.width - 1) / 2, Double(shape.height - 1) / 2)
    let (x, y) = (centerX + shift.x, centerY + shift.y)
    (ux, uy, u0) = (Float(a), Float(b), Float(centerX - a * x - b * y))
    (vx, vy, v0) = (Float(-b), Float(a), Float(centerY + b * x - a * y))
  }
}
