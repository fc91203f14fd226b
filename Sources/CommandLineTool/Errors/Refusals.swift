import ArgumentParser
import Glibc

/// What is wrong with a command line before ArgumentParser sees it.
enum Refusals {
  /// Refuses words that ArgumentParser would take for others.
  static func check() throws {
    try refuseBrokenArguments()
    let words = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
    try refuseEmptyArguments(words)
    try refuseSingleDashes(words)
    try refuseHelpOfNothing(words)
  }

  /// Swift's strings are UTF-8: a name in other bytes would silently become another name.
  private static func refuseBrokenArguments() throws {
    for number in 1..<max(1, Int(CommandLine.argc)) {
      guard let word = CommandLine.unsafeArgv[number], String(validatingCString: word) == nil else { continue }
      let shown = UnsafeRawBufferPointer(start: word, count: strlen(word)).map { byte in
        (0x20..<0x7F).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
      }
      throw ValidationError(
        "Argument \(number), '\(shown.joined())', is not UTF-8. Rename that file or folder, or reach it through a link whose "
          + "name is UTF-8.")
    }
  }

  /// No option and no argument of ours has a meaning when it is empty: it is a shell variable that is not set.
  private static func refuseEmptyArguments(_ words: ArraySlice<String>) throws {
    for word in words where word.isEmpty || word.hasPrefix("--") && word.hasSuffix("=") {
      let name = word.isEmpty ? "An argument" : String(word.dropLast())
      throw ValidationError("\(name) is empty; is a variable of the shell not set?")
    }
  }

  /// ArgumentParser takes `-epochs` for `-e -p -o -c -h -s`, and prints the help, which a script takes for success.
  private static func refuseSingleDashes(_ words: ArraySlice<String>) throws {
    for word in words where word.hasPrefix("-") && word.dropFirst(2).count > 0 {
      guard let first = word.dropFirst().first, first.isLetter || first.isNumber, Double(word) == nil else { continue }
      throw ValidationError("Unknown option '\(word.prefix { $0 != "=" })'")
    }
  }

  /// ArgumentParser answers `help foo` with the help of the program.
  private static func refuseHelpOfNothing(_ words: ArraySlice<String>) throws {
    guard words.first == "help" else { return }
    let asked = words.drop { $0 == "help" }.filter { !$0.hasPrefix("-") }
    if let word = Suggestion.reached(asked).word { throw ValidationError("Unknown command '\(word)'") }
  }
}
