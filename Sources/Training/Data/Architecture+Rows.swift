import Datasets
import NeuralNet

extension Architecture {
  /// What the network takes of a source of rows: images of its input's shape, and labels of its classes.
  ///
  /// An input `[height, width]` or `[height, width, channels]` says it; one `[pixels]` takes square gray images, or a single
  /// row of pixels where their number is no square.
  public var rowRequest: RowRequest {
    let sides = input.dimensions
    let format: ImageFormat
    switch sides.count {
    case 1:
      let side = Int(Double(sides[0]).squareRoot())
      format =
        side * side == sides[0] ? ImageFormat(height: side, width: side) : ImageFormat(height: 1, width: sides[0])
    case 2: format = ImageFormat(height: sides[0], width: sides[1])
    default: format = ImageFormat(height: sides[0], width: sides[1], channels: sides[2])
    }
    return RowRequest(format: format, classCount: classes)
  }
}
