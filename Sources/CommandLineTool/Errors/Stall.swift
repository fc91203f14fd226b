import ArgumentParser
import Glibc
import Monitoring
import Platform
import Training

/// A command of which rank 0 does all the work, and the others wait for it under a watchdog.
protocol WatchedCommand: ParsableCommand {
  /// The watchdog's limit.
  var watchdog: WatchdogOptions { get }
}

/// The option of the watchdog.
struct WatchdogOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      End the job with exit code 69, and name the unresponsive workers, after this many seconds without progress: no step \
      and no other phase finished. 0 waits forever.
      """, valueName: "seconds"))
  var stallTimeout = 120.0

  func validate() throws {
    guard stallTimeout == 0 || Bounds.seconds.contains(stallTimeout) else {
      throw ValidationError(
        "--stall-timeout is \(stallTimeout); it must be 0, or from 1 to \(Bounds.seconds.upperBound.plain) seconds.")
    }
  }

  /// The limit in seconds; nil for none.
  var limit: Double? { stallTimeout == 0 ? nil : stallTimeout }
}

/// How a job ends when a worker has failed or does not respond. The workers may hang anywhere, even with locks held: so nothing
/// is flushed or freed here.
enum Stall {
  private static let advice = """
    Look at the processes and hosts named above: memory, disk, network. Then run the same command again; with --resume it continues \
    from the last checkpoint. Where a step or the loading of the data really takes that long, raise --stall-timeout.
    """

  /// Tells what the watchdog found, if it is up to this process to tell it, and ends the process. The launcher then ends the
  /// others, stopped ones too.
  @Sendable static func end(_ report: StallReport?) {
    if let report {
      let prefix = Launch.environment.map { "fingerspell, rank \($0.rank): " } ?? "fingerspell: "
      Ending.tell(prefix + report.text + "\n" + advice + "\n")
      JSONLines.current?.fail(report.text, exitCode: FailureKind.unavailable.exitCode, atOnce: true)
      // The watchdogs of other nodes fire in the same moment, and one of them may see more.
      if Set(report.hosts).count > 1 { usleep(1_000_000) }
    }
    _exit(FailureKind.unavailable.exitCode)
  }
}
