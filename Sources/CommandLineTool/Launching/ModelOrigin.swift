import Datasets
import Platform
import Runs

extension StoredModel {
  /// What a user must know before a model is measured or asked.
  func warnings(path: String, on source: DataSource) -> [String] {
    warnings(path: path) + warnings(on: source)
  }

  /// What a user must know of a model and the rows that it is given.
  func warnings(on source: DataSource) -> [String] {
    [warning(on: source), try? classWarning(on: source)].compactMap(\.self)
  }

  /// What a user must know of a model before it is used for anything.
  func warnings(path: String) -> [String] {
    let notes = [
      origin.map { "\(foreign(path)) is a checkpoint; using \($0)" },
      namesPreprocessing
        ? nil
        : "\(foreign(path)) does not say how its images were prepared; \(assumption) are assumed, as Keras' own models have them",
    ]
    return notes.compactMap(\.self)
  }

  /// What the images of a file that does not say are taken to be.
  private var assumption: String { preprocessing == .raw ? "pixels from 0 to 255" : "pixels / 255" }

  /// What a user must know where the rows' classes are called otherwise than those that the model has learned.
  private func classWarning(on source: DataSource) throws -> String? {
    if let learned = images.classes, let given = source.names,
      given.names.indices.contains(where: { (learned.names.firstIndex(of: given.names[$0]) ?? $0) != $0 })
    {
      return
        "this model was trained on the classes \(learned.list(Array(learned.names.indices))), in this order, and the names that are "
        + "given have another: \(given.list(Array(given.names.indices)))"
    }
    guard let learned = images.classes, let own = try source.rows.classNames(), own.names != learned.names,
      !Set(own.names).isSubset(of: learned.names)
    else { return nil }
    return "this model was trained on the classes \(learned.list(Array(learned.names.indices))), and those of "
      + "\(foreign(source.name)) are \(own.list(Array(own.names.indices)))"
  }

  /// What a user must know where a model sees other hands than it has learned from: drawn ones or real ones.
  private func warning(on source: DataSource) -> String? {
    switch (isSynthetic, source.isSynthetic) {
    case (true, false):
      return
        "this model was trained on the synthetic data set, drawn hands: it says nothing about the rows of a CSV"
    case (false, true):
      return
        "this model was trained on a CSV, and these are rows of the synthetic data set, drawn hands; name the data "
        + "with --data"
    default: return nil
    }
  }
}
