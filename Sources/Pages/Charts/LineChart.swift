/// Curves over the epochs of a training, or of several.
struct LineChart {
  /// A curve.
  struct Series {
    /// What it is called at its end, in the legend and for each epoch.
    let name: String
    /// The class of its colour in `charts.css`: `first`, `second`, `run-1` ...
    let style: String
    /// Whether it is dashed.
    let isDashed: Bool
    /// Its numbers, epoch 1 first; what is not finite has no place.
    let values: [Double]
    /// The epoch that is marked on it; nil for none.
    var marked: Int?
  }

  /// How much space there is.
  enum Size {
    /// Half a page: curves are named at their ends.
    case wide
    /// A phone: curves are named above them.
    case narrow

    var width: Double { self == .wide ? 528 : 320 }
    var height: Double { self == .wide ? 280 : 240 }
    /// The most epochs that are written.
    var ticks: Int { self == .wide ? 10 : 6 }
  }

  /// Distinguishes it in a page.
  let id: String
  /// What it shows, and what there is to see.
  let title: String, summary: String
  /// The curves, those that others cover first.
  let series: [Series]
  /// Its axis.
  let axis: AxisScale
  /// How a number of the axis is written, and one of a curve.
  let tickText: (Double) -> String, valueText: (Double) -> String
  /// Whether the curves are named in the picture: no if a legend is beside it.
  var namesSeries = true

  /// The most epochs whose numbers can be looked up, and the most places of a curve.
  static let hoverLimit = 300, placeLimit = 1200

  var epochs: Int { series.map(\.values.count).max() ?? 0 }

  /// The picture for a size.
  func picture(_ size: Size) -> SVGPicture {
    let drawing = LineDrawing(self, size)
    return SVGPicture(
      id: size == .wide ? id : "\(id)-narrow", title: title, summary: summary, width: size.width, height: size.height,
      content: drawing.content)
  }

  /// Both pictures, of which the page shows the one that fits.
  var html: String { picture(.wide).inline("wide") + "\n" + picture(.narrow).inline("narrow") }
}
