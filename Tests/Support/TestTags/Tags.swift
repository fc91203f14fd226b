import Testing

// What a test proves, or needs. `swift test --filter` goes by names; an editor's test list goes by these too.
extension Tag {
  /// Results are compared bit for bit: with a scalar twin, another worker layout, or what was recorded.
  @Tag public static var bits: Self
  /// Expected values come from Keras in double precision (Tests/Goldens).
  @Tag public static var golden: Self
  /// Several workers run, as threads of this process.
  @Tag public static var threads: Self
  /// Files are written or read.
  @Tag public static var files: Self
  /// Processes are started.
  @Tag public static var processes: Self
  /// Needs the real data set, and is skipped without it.
  @Tag public static var realData: Self
  /// Takes more than a second.
  @Tag public static var slow: Self
}
