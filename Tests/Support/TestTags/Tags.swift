import Testing

// What tests prove or need, so that an editor can show and run those of a kind together.
extension Tag {
  /// Pure functions and values: no files, threads or processes.
  @Tag public static var pure: Self
  /// Results are compared bit for bit: with a scalar twin, another layout of workers, or recorded bits.
  @Tag public static var bits: Self
  /// Expected values come from Keras in double precision (Tests/Goldens).
  @Tag public static var golden: Self
  /// Several workers run as threads of this process.
  @Tag public static var threads: Self
  /// Files are written or read, or their bytes in memory.
  @Tag public static var files: Self
  /// Processes are started or looked at.
  @Tag public static var processes: Self
  /// Needs the real data set, and is skipped without it.
  @Tag public static var realData: Self
  /// Takes seconds, not milliseconds.
  @Tag public static var slow: Self
}

// The system tests, by the marker that pytest knows them by.
extension Tag {
  /// The command line.
  @Tag public static var commandLine: Self
  /// Ranks under mpirun.
  @Tag public static var ranks: Self
  /// Several hosts.
  @Tag public static var hosts: Self
  /// Threads and ranks give the same bits.
  @Tag public static var layouts: Self
  /// Faults are injected.
  @Tag public static var faults: Self
  /// `fingerspell benchmark`.
  @Tag public static var benchmarks: Self
}
