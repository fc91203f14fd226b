import MPICommunication
import Training

/// What launcher started this process, found once.
enum Launch {
  /// The launcher's word; nil for a process on its own.
  static let environment = LaunchEnvironment.detect()

  /// Whether this process speaks for all.
  static var isRoot: Bool { environment.map { $0.rank == 0 } ?? true }

  /// What all ranks must have been given alike; written once, before any worker is started.
  nonisolated(unsafe) static var agreed: [AgreedValue] = []
}
