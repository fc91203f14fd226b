import Foundation

extension Goldens {
  /// Ten steps of Keras' optimizers on the formula's gradients.
  public struct OptimizerSteps: Decodable, Sendable {
    /// The lengths of the tensors, which follow one another without gaps.
    public let lengths: [Int]
    /// The number of steps, and of the samples over which a gradient is a mean.
    public let steps: Int, samples: Int
    /// The optimizers.
    public let cases: [Case]

    /// One optimizer.
    public struct Case: Decodable, Sendable {
      /// Its name in lower case.
      public let optimizer: String
      /// The options that it was given, by Keras' names; a flag is 1.
      public let options: [String: Double]
      /// The parameters after the steps.
      public let parameters: [Double]

      enum CodingKeys: String, CodingKey { case optimizer, options, parameters }

      /// Decodes a case; JSON's `true` counts as 1.
      public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        optimizer = try values.decode(String.self, forKey: .optimizer)
        parameters = try values.decode([Double].self, forKey: .parameters)
        options = try values.decode([String: Option].self, forKey: .options).mapValues(\.value)
      }

      private struct Option: Decodable {
        let value: Double

        init(from decoder: any Decoder) throws {
          let single = try decoder.singleValueContainer()
          value = try (try? single.decode(Bool.self)).map { $0 ? 1 : 0 } ?? single.decode(Double.self)
        }
      }
    }

    /// The parameters before the first step.
    public var initialParameters: [Float] {
      let count = lengths.reduce(0, +)
      return (0..<count).map { index in
        index >= count - lengths[lengths.count - 1] ? 0 : Float((index * 613 + 7) % 2003 - 1001) / 1024
      }
    }

    /// The summed gradient of a step, counted from 0.
    public func gradient(step: Int) -> [Float] {
      var values = (0..<lengths.reduce(0, +)).map { Float(($0 * 7919 + step * 10477) % 20011 - 10005) / 16384 }
      var start = 0
      for length in lengths {
        values[start] = 0
        start += length
      }
      return values
    }
  }

  /// What make_optimizer_goldens.py computed with Keras' optimizers.
  public static func expectedOptimizerSteps() throws -> OptimizerSteps {
    try JSONDecoder().decode(
      OptimizerSteps.self, from: Data(contentsOf: folder.appending(path: "optimizers.json")))
  }

  /// What Keras' callbacks make of the values of epochs.
  public struct Callbacks: Decodable, Sendable {
    /// ReduceLROnPlateau, from a learning rate of 0.001.
    public let plateaus: [Plateau]
    /// EarlyStopping.
    public let stoppings: [Stopping]

    /// One list of values.
    public struct Plateau: Decodable, Sendable {
      /// What is monitored, and the options that were given, by Keras' names.
      public let monitor: String, options: [String: Double]
      /// The values of the epochs, and the learning rate after each.
      public let values: [Double], rates: [Double]
    }

    /// One list of values.
    public struct Stopping: Decodable, Sendable {
      /// What is monitored, and the options that were given, by Keras' names.
      public let monitor: String, options: [String: Double]
      /// The values of the epochs.
      public let values: [Double]
      /// The best epoch, and the one after which training stops, from 1; nil if it does not.
      public let best: Int, stopped: Int?
    }
  }

  /// What make_optimizer_goldens.py computed with Keras' callbacks.
  public static func expectedCallbacks() throws -> Callbacks {
    try JSONDecoder().decode(Callbacks.self, from: Data(contentsOf: folder.appending(path: "callbacks.json")))
  }
}
