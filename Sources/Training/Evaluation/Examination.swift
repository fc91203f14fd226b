import Datasets
import FoundationEssentials

/// What a model makes of the validation rows, as far as a report shows it: small, and the same bytes on any layout of the workers.
public struct Examination: Codable, Equatable, Sendable {
  /// How often images of a class were read as one. In JSON: [label, prediction, count].
  public struct Count: Equatable, Sendable {
    /// The true class, the one that was predicted, and how often.
    public let label: Int, prediction: Int, count: Int

    /// A count.
    public init(label: Int, prediction: Int, count: Int) {
      self.label = label
      self.prediction = prediction
      self.count = count
    }
  }

  /// An image, and what it was taken for.
  public struct Sample: Codable, Equatable, Sendable {
    /// The row in its source, from 0.
    public let row: Int
    /// The true class and the one that was predicted.
    public let label: Int, prediction: Int
    /// The probability that the network gave its prediction.
    public let probability: Float
    /// The pixels, in the examination's format.
    public let image: Data

    /// A sample.
    public init(row: Int, label: Int, prediction: Int, probability: Float, image: Data) {
      self.row = row
      self.label = label
      self.prediction = prediction
      self.probability = probability
      self.image = image
    }
  }

  /// A class that is taken for another one.
  public struct Pair: Codable, Equatable, Sendable {
    /// The true class, the one that was predicted, and how often.
    public let label: Int, prediction: Int, count: Int
    /// Images of the mistake, evenly from the one that the network was surest of to the one that it was least sure of.
    public let examples: [Sample]
    /// An image of the class that it was taken for; nil if the rows have none.
    public let genuine: Sample?

    /// A pair.
    public init(label: Int, prediction: Int, count: Int, examples: [Sample], genuine: Sample?) {
      self.label = label
      self.prediction = prediction
      self.count = count
      self.examples = examples
      self.genuine = genuine
    }
  }

  /// The mean of a class' images.
  public struct MeanImage: Codable, Equatable, Sendable {
    /// The class, and how many rows it has.
    public let label: Int, rows: Int
    /// The pixels, in the examination's format.
    public let image: Data

    /// A mean.
    public init(label: Int, rows: Int, image: Data) {
      self.label = label
      self.rows = rows
      self.image = image
    }
  }

  /// The version of this description.
  public static let formatVersion = 1

  /// The version of the description that was read.
  public var formatVersion = Self.formatVersion
  /// The epoch whose weights these are; 0 if no epoch was complete.
  public let epoch: Int
  /// SHA-256 of the weights, as in metrics.csv; nil if no epoch was complete.
  public let parametersSHA256: String?
  /// The rows that were trained on, and those that were read here.
  public let trainingRows: Int, rows: Int
  /// The mean loss over the rows, and the fraction of them that was read correctly.
  public let loss: Double, accuracy: Double
  /// The classes of the network.
  public let classes: Int
  /// The confusion matrix, without its zeros, by label and then by prediction.
  public let confusion: [Count]
  /// What the images here are made of.
  public let imageFormat: ImageFormat
  /// The most frequent mistakes.
  public let pairs: [Pair]
  /// The misread images with the highest losses, at most three of the same mistake.
  public let worst: [Sample]
  /// The classes' mean images: of all that have rows, or of those with the most mistakes.
  public let means: [MeanImage]

  private enum CodingKeys: String, CodingKey {
    case formatVersion = "format_version"
    case epoch
    case parametersSHA256 = "parameters_sha256"
    case trainingRows = "training_rows"
    case rows, loss, accuracy, classes, confusion
    case imageFormat = "image_format"
    case pairs, worst, means
  }

  /// An examination.
  public init(
    epoch: Int, parametersSHA256: String?, trainingRows: Int, rows: Int, loss: Double, accuracy: Double,
    classes: Int, confusion: [Count], imageFormat: ImageFormat, pairs: [Pair], worst: [Sample], means: [MeanImage]
  ) {
    self.epoch = epoch
    self.parametersSHA256 = parametersSHA256
    self.trainingRows = trainingRows
    self.rows = rows
    self.loss = loss
    self.accuracy = accuracy
    self.classes = classes
    self.confusion = confusion
    self.imageFormat = imageFormat
    self.pairs = pairs
    self.worst = worst
    self.means = means
  }
}

extension Examination.Count: Codable {
  /// Of three numbers.
  public init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    label = try values.decode(Int.self)
    prediction = try values.decode(Int.self)
    count = try values.decode(Int.self)
  }

  /// As three numbers.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    for value in [label, prediction, count] { try values.encode(value) }
  }
}
