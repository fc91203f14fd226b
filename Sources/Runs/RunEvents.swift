import EventFiles
import FoundationEssentials
import Platform
import Training

/// The event files of a run, for TensorBoard: `train` and `validation` with the results of the epochs, as Keras' TensorBoard
/// callback has them, and one in the run folder itself with the hyperparameters.
///
/// Each epoch is one record of either file, appended when the epoch ends, so that TensorBoard can read along. Apart from the
/// wall times they are a function of the run. A run that continues cuts off what its state does not know, also a record that a
/// killed process has not finished; a file that is missing or damaged is written again.
final class RunEvents {
  private let session: GrowingFile
  private let training: GrowingFile
  private let validation: GrowingFile

  /// Begins the files, or continues them after the epochs that a run has.
  ///
  /// - Parameters:
  ///   - folder: the run folder.
  ///   - records: the epochs so far; empty for a new run.
  ///   - confirm: called before a file is replaced.
  init(
    in folder: Folder, _ description: RunDescription, records: [EpochRecord], confirm: () throws -> Void
  ) throws {
    let time = description.startedSeconds ?? Self.now
    let began = Event.sessionBegan(try description.hyperparameters, time: time)
    try AtomicFile.write(
      EventFile.contents([.version(time: time), began]), to: RunFolder.File.events.rawValue, in: folder,
      confirm: confirm)
    session = try GrowingFile(RunFolder.File.events.rawValue, in: folder)
    training = try Self.file(.trainingEvents, in: folder, records, confirm) { Self.training($0) }
    validation = try Self.file(.validationEvents, in: folder, records, confirm) { Self.validation($0) }
  }

  /// Adds an epoch.
  ///
  /// - Parameter samples: the samples that it trained on.
  func append(_ record: EpochRecord, samples: Int?) throws {
    let now = Self.now
    var scalars = Self.training(record)
    if let samples, record.trainSeconds > 0 {
      scalars.append(Event.Scalar("epoch_samples_per_second", Double(samples) / record.trainSeconds))
    }
    try training.append(EventFile.contents([Event(scalars, step: record.epoch, time: now)]))
    try validation.append(EventFile.contents([Event(Self.validation(record), step: record.epoch, time: now)]))
  }

  /// Adds the confusion matrix of an epoch's weights as a picture.
  func append(_ picture: ConfusionPNG, epoch: Int) throws {
    let event = Event(
      "epoch_confusion_matrix", png: picture.bytes, width: picture.width, height: picture.height, step: epoch,
      time: Self.now)
    try validation.append(EventFile.contents([event]))
  }

  /// Says that the run has ended.
  func finish() throws { try session.append(EventFile.contents([.sessionEnded(.success, time: Self.now)])) }

  private static var now: Double { Date().timeIntervalSince1970 }

  private static func training(_ record: EpochRecord) -> [Event.Scalar] {
    [
      Event.Scalar("epoch_loss", record.training.loss), Event.Scalar("epoch_accuracy", record.training.accuracy),
      Event.Scalar("epoch_learning_rate", record.learningRate),
    ]
  }

  private static func validation(_ record: EpochRecord) -> [Event.Scalar] {
    [
      Event.Scalar("epoch_loss", record.validation.loss), Event.Scalar("epoch_accuracy", record.validation.accuracy),
    ]
  }

  /// The file of one of the folders, with the epochs that are given.
  private static func file(
    _ part: RunFolder.File, in folder: Folder, _ records: [EpochRecord], _ confirm: () throws -> Void,
    scalars: (EpochRecord) -> [Event.Scalar]
  ) throws -> GrowingFile {
    _ = try folder.make(part.rawValue)
    let own = try folder.folder(part.rawValue)
    for name in try own.names() where AtomicFile.isTemporary(name) && name.hasPrefix(".\(EventFile.name).") {
      own.remove(name)
    }
    if !records.isEmpty, own.kind(of: EventFile.name) == .file, let size = own.size(of: EventFile.name),
      size <= EventFile.sizeLimit,
      let length = EventFile.length(try own.read(EventFile.name), epochs: records.count)
    {
      try confirm()
      return try GrowingFile(EventFile.name, in: own, keeping: length)
    }
    let now = Self.now
    let events = records.map { Event(scalars($0), step: $0.epoch, time: now) }
    try AtomicFile.write(
      EventFile.contents([.version(time: now)] + events), to: EventFile.name, in: own, confirm: confirm)
    return try GrowingFile(EventFile.name, in: own)
  }
}

/// A confusion matrix as a picture: a PNG file in colors.
public struct ConfusionPNG: Sendable {
  /// The file.
  public let bytes: [UInt8]
  /// The picture's size in pixels.
  public let width: Int, height: Int

  /// A file with a picture of that size.
  public init(bytes: [UInt8], width: Int, height: Int) {
    self.bytes = bytes
    self.width = width
    self.height = height
  }
}

extension RunDescription {
  /// When the run began, in seconds since 1970.
  fileprivate var startedSeconds: Double? {
    (try? Date(started, strategy: .iso8601))?.timeIntervalSince1970
  }

  /// The hyperparameters that have a part in the run, called as in run.json.
  fileprivate var hyperparameters: [String: HyperparameterValue] {
    get throws {
      var values: [String: HyperparameterValue] = [
        "recipe": .text(recipe), "workers": .number(Double(machine.workers)),
      ]
      for (field, text) in try configuration.fields where configuration.uses(field) {
        values[AppliedConfiguration.snakeCase(field)] = HyperparameterValue(text)
      }
      return values
    }
  }
}
