import Glibc

extension Double {
  /// The number with this many decimals: `0.8543`. The same text on any machine.
  package func fixed(_ decimals: Int) -> String {
    withVaList([Int32(decimals), self]) { Self.printed("%.*f", $0) }
  }

  /// The number with this many significant digits, as C's `%g` writes it: `0.005997`, `5e-05`.
  package func significant(_ digits: Int) -> String {
    withVaList([Int32(digits), self]) { Self.printed("%.*g", $0) }
  }

  /// The greatest number has 309 digits before its decimals.
  private static func printed(_ format: String, _ arguments: CVaListPointer) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      vsnprintf(start, buffer.count, format, arguments)
      return String(cString: start)
    }
  }
}
