import Datasets
import Platform

/// How much the classes count in training: the factors of a sample's loss, by its class, as Keras' `class_weight`.
public enum ClassWeight: Codable, Equatable, Sendable {
  /// n / (k · n_c) for the n_c of n training rows that are of class c, of k classes that occur: every class then counts alike.
  case balanced
  /// Factors by the class' number or name; a class that is not named has 1.
  case given([String: Double])

  /// The largest factor.
  public static let largest = 1e6

  private static let balancedText = "balanced"

  /// Reads the text `balanced`, or an object of numbers.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      guard text == Self.balancedText else {
        throw DecodingError.dataCorruptedError(in: value, debugDescription: "'\(text)' is no choice of class weights")
      }
      self = .balanced
    } else {
      self = .given(try value.decode([String: Double].self))
    }
  }

  /// Writes what `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .balanced: try value.encode(Self.balancedText)
    case .given(let factors): try value.encode(factors)
    }
  }

  /// The factor of each class.
  ///
  /// - Parameters:
  ///   - rows: the training rows of each class.
  ///   - label: the class of a name; nil if there is none.
  /// - Throws: `Failure` where a factor is of no class, given twice, or no factor.
  package func factors(rows: [Int], label: (String) -> Int?) throws(Failure) -> [Float] {
    switch self {
    case .balanced:
      let present = Double(rows.count { $0 > 0 })
      let total = Double(rows.reduce(0, +))
      return rows.map { $0 > 0 ? Float(total / (present * Double($0))) : 1 }
    case .given(let given):
      var factors = [Float?](repeating: nil, count: rows.count)
      for (name, factor) in given.sorted(by: { $0.key < $1.key }) {
        guard let index = Int(name) ?? label(name), rows.indices.contains(index) else {
          throw Failure(
            .data,
            "the class weights name '\(foreign(name, limit: 64))', and there is no such class among the \(rows.count)")
        }
        guard factors[index] == nil else {
          throw Failure(
            .data, "the class weights have two factors for class \(index): one by its number, one by its name")
        }
        guard (0...Self.largest).contains(factor) else {
          throw Failure(
            .data,
            "the class weight of '\(foreign(name, limit: 64))' is \(factor); it must be a number from 0 to \(Int(Self.largest))"
          )
        }
        factors[index] = Float(factor)
      }
      let all = factors.map { $0 ?? 1 }
      guard zip(rows, all).contains(where: { $0 > 0 && $1 > 0 }) else {
        throw Failure(.data, "the class weights of all classes that occur are 0: there is nothing to learn")
      }
      return all
    }
  }
}
