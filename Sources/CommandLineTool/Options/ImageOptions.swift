import ArgumentParser
import Datasets
import ImageFiles
import Platform
import Runs

/// How pictures become the images that the network takes.
struct ImageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What is done with images of another shape than the network's: crop them, pad them with the median of their border, \
      stretch them, or cut out the hand: the box of what differs from the border's median. (default: crop, for image files)
      """, valueName: "fit"))
  var fit: ImageFitting.Fit?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Turn black to white and white to black: a pixel v becomes 255 - v. evaluate and predict do what the model's training did. (default: no)"
  )
  var invert: Bool?

  @Option(
    help: ArgumentHelp(
      "A folder that keeps decoded image files, so that another run need not decode them; made if missing.",
      valueName: "dir"))
  var cache: String?

  /// The sources, with these choices.
  ///
  /// The classes of the validation rows are those of the training rows, by name: pictures of two of three classes are not
  /// numbered as if there were two.
  func applied(to sources: DataSources) throws -> DataSources {
    let train = try applied(to: sources.train)
    var test = sources.test
    if test.names == nil, test.rows is any ImageSource {
      if let learned = try train.rows.classNames() {
        try test.name(classes: learned)
      } else if let own = try test.rows.classNames() {
        let standard = ClassNames.standard(test.request.classCount)
        guard Set(own.names).isSubset(of: standard.names) else {
          throw Failure(
            .data,
            "the classes of \(foreign(train.name)) are numbers, and those of \(foreign(test.name)) are called "
              + "\(own.list(Array(own.names.indices))): say which number is which with --class-names")
        }
        try test.name(classes: standard)
      }
    }
    return DataSources(train: train, test: try applied(to: test))
  }

  /// These choices for a source, for the model file.
  func description(of source: DataSource) throws -> ModelImages {
    let isPicture = source.rows is any ImageSource || source.rows is CachedRows
    return ModelImages(
      fit: fit ?? (isPicture ? .crop : nil), invert: invert ?? false, classNames: try source.classNames())
  }

  /// The source, with these choices; what is not chosen is as in a model's training.
  ///
  /// - Parameter framing: how large a hand is made that is cut out: see `StoredModel`.
  func applied(
    to source: DataSource, of model: ModelImages = ModelImages(), framing: Int? = nil
  ) throws -> DataSource {
    var source = source
    let (fit, invert) = (fit ?? model.fit, invert ?? model.invert)
    if source.names == nil { try source.name(classes: model.classes) }
    if var images = source.rows as? any ImageSource {
      images.fit = fit ?? .crop
      images.invert = invert
      images.framing = framing
      try images.giveClasses(source.names, for: source.request)
      images.warn = { Ending.complain("warning: \($0)") }
      source.rows = cache.map { CachedRows(images, folder: $0) } ?? images
      return source
    }
    guard cache == nil else {
      throw Failure(.usage, "--cache keeps decoded image files, but \(foreign(source.name)) is none; leave it out")
    }
    if fit != nil || invert { source.rows = FittedRows(source.rows, fit: fit, invert: invert, framing: framing) }
    return source
  }
}

extension ImageFitting.Fit: ExpressibleByArgument {}
