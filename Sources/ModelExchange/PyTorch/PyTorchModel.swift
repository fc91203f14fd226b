import ModelFiles
import NeuralNet
import Platform

extension ExportedModel {
  /// The model as a Python file for PyTorch: a module, what loads its weights from the model file beside it, and a program that
  /// classifies a picture. Equal texts for equal models.
  ///
  /// - Parameter version: the program's.
  package func pyTorch(version: String) -> String {
    let network = PyTorchNetwork(self)
    let parts = [
      pyTorchHead(version), pyTorchModule(network),
      network.conversions.sorted { $0.function < $1.function }
        .map { $0.definition(isComplete: !network.incomplete.contains($0)) }.joined(separator: "\n\n\n"),
      pyTorchLoader(network), pyTorchProgram,
    ]
    return parts.joined(separator: "\n\n\n") + "\n"
  }

  /// The model file that the Python file reads, as `train` writes it.
  package var safetensors: [UInt8] {
    var metadata = metadata
    metadata[ModelFile.preprocessingKey] = preprocessing.rawValue
    return ModelFile(architecture, parameters: parameters, metadata: metadata).encoded()
  }

  /// The input as an image: its channels, if a picture file can have them, height and width.
  private var picture: (channels: Int, height: Int, width: Int)? {
    let sides = architecture.input.dimensions
    switch sides.count {
    case 1:
      let side = Int(Double(sides[0]).squareRoot())
      return side * side == sides[0] ? (1, side, side) : (1, 1, sides[0])
    case 2: return (1, sides[0], sides[1])
    default: return [1, 3].contains(sides[2]) ? (sides[2], sides[0], sides[1]) : nil
    }
  }

  private func pyTorchHead(_ version: String) -> String {
    let (argument, library) =
      picture == nil ? ("images.npy", "import numpy") : ("picture.png", "from PIL import Image, ImageOps")
    return """
      \"""A network for PyTorch, written by Fingerspell \(version). Its weights are in the safetensors file beside this one.

      python FILE.py \(argument)     prints the most probable classes of a picture
      model = FILE.load()            the torch.nn.Module, trained: it takes uint8 images [batch, \(dimensions)] and gives logits

      SHA-256 of the parameters: \(checksum)
      \"""

      import sys
      from pathlib import Path

      import torch
      \(library)
      from safetensors.torch import load_file
      from torch import nn
      from torch.nn import functional as F

      \(pyTorchClasses)
      """
  }

  private var dimensions: String { architecture.input.dimensions.map(String.init).joined(separator: ", ") }

  /// The class names as a list: letters together, others in lines.
  private var pyTorchClasses: String {
    // The program prints them on a terminal.
    let classNames = classNames.map { foreign($0) }
    func isPlain(_ name: String) -> Bool {
      name.count == 1 && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
    if classNames.allSatisfy(isPlain) { return "CLASSES = list(\"\(classNames.joined())\")" }
    var lines = [""]
    for name in classNames.map(pythonText) {
      if lines[lines.count - 1].count + name.count > 100 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "    " : " ") + name + ","
    }
    return "CLASSES = [\n" + lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n]"
  }

  private func pyTorchModule(_ network: PyTorchNetwork) -> String {
    func indented(_ lines: [String]) -> String { lines.map { "        " + $0 }.joined(separator: "\n") }
    // The last assignment is what is returned.
    var steps = network.steps
    if let last = steps.popLast() { steps.append("return " + last.dropFirst("x = ".count)) }
    let rows = network.hasRows ? PyTorchNetwork.rowsClass + "\n\n\n" : ""
    return rows + """
      class Model(nn.Module):
          def __init__(self):
              super().__init__()
      \(indented(network.modules))

          def forward(self, image):
      \(indented(steps))
      """
  }

  private func pyTorchLoader(_ network: PyTorchNetwork) -> String {
    """
    def load(path=Path(__file__).with_suffix(".safetensors")):
        t, model = load_file(path), Model()
    \(network.loads.map { "    " + $0 }.joined(separator: "\n"))
        return model.eval()
    """
  }

  private var pyTorchProgram: String {
    let image: String
    if let picture {
      image = """
            picture = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("\(picture.channels == 1 ? "L" : "RGB")")
            picture = ImageOps.fit(picture, (\(picture.width), \(picture.height)), Image.Resampling.BOX)
            image = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).reshape(1, \(dimensions))
        """
    } else {
      image = "    image = torch.from_numpy(numpy.load(sys.argv[1])).reshape(-1, \(dimensions))[:1]"
    }
    return """
      if __name__ == "__main__":
      \(image)
          with torch.inference_mode():
              probabilities = load()(image)[0].softmax(0)
          for index in probabilities.argsort(descending=True)[:3]:
              print(f"{CLASSES[index]}  {probabilities[index]:.1%}")
      """
  }
}
