import Foundation
import Platform
import TestTags
import Testing
import Training

@Suite("Class weights are by number, by name, or balanced", .tags(.pure))
struct ClassWeightTests {
  private static func label(_ name: String) -> Int? { ["A", "B", "C", "D"].firstIndex(of: name) }

  private static func factors(_ weight: ClassWeight, rows: [Int] = [6, 3, 0, 1]) throws -> [Float] {
    try weight.factors(rows: rows, label: label)
  }

  /// sklearn's compute_class_weight("balanced", ...): n / (k · n_c).
  @Test func `Balanced classes weigh alike in all`() throws {
    let factors = try Self.factors(.balanced)
    #expect(factors == [Float(10.0 / 18), Float(10.0 / 9), 1, Float(10.0 / 3)])
    #expect(try Self.factors(.balanced, rows: [4, 4, 4, 4]) == [1, 1, 1, 1])
  }

  @Test func `Factors are by number or name, and 1 for the others`() throws {
    #expect(try Self.factors(.given(["0": 1.5, "D": 0, "C": 2])) == [1.5, 1, 2, 0])
    #expect(try Self.factors(.given([:])) == [1, 1, 1, 1])
  }

  @Test(arguments: [
    (["E": 1.0], "name 'E', and there is no such class among the 4"), (["4": 1], "no such class"),
    (["-1": 1], "no such class"), (["1": 1, "B": 2], "two factors for class 1"), (["A": -1], "'A' is -1.0"),
    (["A": .infinity], "'A' is inf"), (["A": .nan], "'A' is nan"), (["A": 2e6], "from 0 to 1000000"),
    (["A": 0, "B": 0, "D": 0], "nothing to learn"),
  ])
  func `Others are refused`(_ given: [String: Double], _ text: String) throws {
    let failure = #expect(throws: Failure.self) { try Self.factors(.given(given)) }
    #expect(failure?.description.contains(text) == true && failure?.failureKind == .data, "\(failure as Any)")
  }

  @Test func `Both are themselves in JSON, and fields of the configuration`() throws {
    for weight in [ClassWeight.balanced, .given(["0": 0.1, "B": 2])] {
      #expect(try JSONDecoder().decode(ClassWeight.self, from: JSONEncoder().encode(weight)) == weight)
    }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(ClassWeight.self, from: Data("\"even\"".utf8)) }
    var configuration = TrainingConfiguration()
    #expect(try configuration.fields["classWeight"] == nil)
    configuration.classWeight = .balanced
    #expect(try configuration.fields["classWeight"] == "balanced")
    configuration.classWeight = .given(["B": 2.5])
    #expect(try configuration.fields["classWeight.B"] == "2.5")
  }
}
