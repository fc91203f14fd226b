import Datasets
import FoundationEssentials
import Platform

/// What a model has learned from: how pictures became its images, and what its classes are called.
///
/// It travels in the model file, so that evaluation and prediction do the same.
public struct ModelImages: Codable, Hashable, Sendable {
  /// What was done with pictures of another shape; nil where the rows were taken as they are.
  public var fit: ImageFitting.Fit?
  /// Whether black became white.
  public var invert = false
  /// The names of the classes, class 0 first; nil where the file does not say.
  public var classNames: [String]?

  /// Rows as they are.
  public init() {}

  /// These choices.
  public init(fit: ImageFitting.Fit?, invert: Bool, classNames: ClassNames?) {
    self.fit = fit
    self.invert = invert
    self.classNames = classNames?.names
  }

  /// The classes, where they are known.
  public var classes: ClassNames? {
    classNames.map { $0 == ClassNames.signLanguageMNIST.names ? .signLanguageMNIST : ClassNames($0) }
  }

  /// The metadata key of a model file.
  static let key = "images"

  /// The JSON text: equal for equal choices.
  var text: String {
    guard let data = try? ExactJSON.encoder().encode(self) else { preconditionFailure("texts and flags have JSON") }
    return String(decoding: data, as: UTF8.self)
  }

  /// The choices of a JSON text; those that take rows as they are where it is no such text.
  init(text: String?) {
    self = text.flatMap { try? ExactJSON.decoder().decode(ModelImages.self, from: Data($0.utf8)) } ?? ModelImages()
  }

  /// The choices that change the rows, for a run's identity; empty where there are none.
  var identity: [String: String] {
    var choices: [String: String] = [:]
    if let fit { choices["fit"] = fit.rawValue }
    if invert { choices["invert"] = "true" }
    if let classNames, classNames != ClassNames.standard(classNames.count).names {
      choices["classNames"] = classNames.joined(separator: ", ")
    }
    return choices
  }
}
