import Checkpoints
import Training

extension ModelFile {
  /// What a user must know where a model sees other hands than it has learned from: drawn ones or real ones. Only models of
  /// this program tell what they were trained on.
  func warning(on source: DataSource) -> String? {
    guard metadata["format"] == "fingerspell" else { return nil }
    switch (metadata["train_sha256"] == nil, source.isBuiltIn) {
    case (true, false):
      return
        "this model was trained on the built-in synthetic set, drawn hands: it says nothing about the rows of a CSV"
    case (false, true):
      return
        "this model was trained on a CSV, and these are rows of the built-in synthetic set, drawn hands; name the data "
        + "with --data"
    default: return nil
    }
  }
}
