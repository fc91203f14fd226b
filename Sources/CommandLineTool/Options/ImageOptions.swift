import ArgumentParser
import Datasets
import ImageFiles
import Platform

/// How pictures become the images that the network takes.
struct ImageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What is done with images of another shape than the network's: crop them, pad them with the median of their border, or \
      stretch them. (default: crop, for image files)
      """, valueName: "fit"))
  var fit: ImageFitting.Fit?

  @Flag(help: "Turn black to white and white to black: a pixel v becomes 255 - v.")
  var invert = false

  @Option(
    help: ArgumentHelp(
      "A folder that keeps decoded image files, so that another run need not decode them; made if missing.",
      valueName: "dir"))
  var cache: String?

  /// The sources, with these choices.
  func applied(to sources: DataSources) throws -> DataSources {
    DataSources(train: try applied(to: sources.train), test: try applied(to: sources.test))
  }

  /// The source, with these choices.
  func applied(to source: DataSource) throws -> DataSource {
    var source = source
    if var images = source.rows as? any ImageSource {
      images.fit = fit ?? .crop
      images.invert = invert
      try images.giveClasses(source.names, for: source.request)
      images.warn = { Ending.complain("warning: \($0)") }
      source.rows = cache.map { CachedRows(images, folder: $0) } ?? images
      return source
    }
    guard cache == nil else {
      throw Failure(.usage, "--cache keeps decoded image files, but \(foreign(source.name)) is none; leave it out")
    }
    if fit != nil || invert { source.rows = FittedRows(source.rows, fit: fit, invert: invert) }
    return source
  }
}

extension ImageFitting.Fit: ExpressibleByArgument {}
