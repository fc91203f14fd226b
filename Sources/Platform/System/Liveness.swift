/// Tells whoever watches a long call that it is getting on, without the call knowing who that is.
///
/// The caller sets `onProgress` for the time of the call; what takes long calls `advance()` now and then.
public enum Liveness {
  /// What a call to `advance()` runs, on this thread.
  @TaskLocal public static var onProgress: (@Sendable () -> Void)?

  /// Something was finished.
  public static func advance() { onProgress?() }
}
