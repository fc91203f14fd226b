import MPICommunication
import Training

/// What launcher started this process, found once.
enum Launch {
  /// The launcher's word; nil for a process on its own, and where its variables are only left over.
  static let environment = leftOver == nil ? LaunchEnvironment.current : nil

  /// Why a launcher's variables are only left over; nil where they are not.
  static let leftOver = LaunchEnvironment.leftOver()

  /// Whether this process speaks for all.
  static var isRoot: Bool { environment.map { $0.rank == 0 } ?? true }

  /// What all ranks must have been given alike; written once, before any worker is started.
  nonisolated(unsafe) static var agreed: [AgreedValue] = []

  /// Tells the ranks that wait for this one that it is getting on; written once, before the work.
  nonisolated(unsafe) static var stillHere: () -> Void = {}
}
