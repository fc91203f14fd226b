/// An element type for communication: a number with a fixed representation.
public protocol Transferable: BitwiseCopyable, Sendable, Numeric, Comparable {
  /// The representation, which determines the implementation's datatype.
  static var elementType: ElementType { get }

  /// The sum in a reduction: integers wrap around, as in MPI.
  static func sum(_ a: Self, _ b: Self) -> Self
}

extension Transferable where Self: FixedWidthInteger {
  /// The sum; wraps around on overflow.
  @inlinable public static func sum(_ a: Self, _ b: Self) -> Self { a &+ b }
}

extension Transferable where Self: FloatingPoint {
  /// The IEEE 754 sum.
  @inlinable public static func sum(_ a: Self, _ b: Self) -> Self { a + b }
}

/// The representations of elements.
public enum ElementType: Int32, Sendable, CaseIterable {
  /// 8-bit unsigned integer.
  case uint8
  /// 32-bit signed integer.
  case int32
  /// 64-bit signed integer.
  case int64
  /// 64-bit unsigned integer.
  case uint64
  /// IEEE 754 binary32.
  case float
  /// IEEE 754 binary64.
  case double
}

extension UInt8: Transferable {
  /// The representation: `uint8`.
  public static var elementType: ElementType { .uint8 }
}
extension Int32: Transferable {
  /// The representation: `int32`.
  public static var elementType: ElementType { .int32 }
}
extension Int: Transferable {
  /// The representation: `int64`.
  public static var elementType: ElementType { .int64 }
}
extension UInt64: Transferable {
  /// The representation: `uint64`.
  public static var elementType: ElementType { .uint64 }
}
extension Float: Transferable {
  /// The representation: `float`.
  public static var elementType: ElementType { .float }
}
extension Double: Transferable {
  /// The representation: `double`.
  public static var elementType: ElementType { .double }
}
