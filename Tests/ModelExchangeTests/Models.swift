import FoundationEssentials
import GoldenValues
import ModelExchange
import ModelFiles
import NeuralNet

/// A model whose parameters are 0, 1, 2, ...
func countingModel(
  _ architecture: Architecture, preprocessing: Preprocessing = .unit, classNames: [String]? = nil, inverts: Bool = false
) -> ExportedModel {
  let layout = architecture.layout
  let parameters = (0..<layout.paddedCount).map { $0 < layout.count ? Float($0) : 0 }
  return ExportedModel(
    architecture, parameters: parameters, preprocessing: preprocessing,
    classNames: classNames ?? (0..<architecture.classes).map(String.init), inverts: inverts)
}

/// The network of a golden architecture.
func architecture(_ golden: ArchitectureGolden) throws -> Architecture {
  try Architecture(json: Array(golden.modelJSON()))
}
