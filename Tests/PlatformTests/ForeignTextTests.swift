import Platform
import TestTags
import Testing

@Suite("Text from outside cannot steer a terminal", .tags(.pure))
struct ForeignTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("Zoë's Datei, 手.csv", "Zoë's Datei, 手.csv"), ("back\\slash", "back\\slash"),
    ("\u{1B}[2J", "\\u{1B}[2J"), ("a\r\nb\tc", "a\\u{D}\\u{A}b\\u{9}c"), ("\u{7F}\u{9B}31m", "\\u{7F}\\u{9B}31m"),
    ("\u{202E}gpj.exe", "\\u{202E}gpj.exe"), ("\u{600}<b>", "\\u{600}<b>"), ("a\u{2028}b", "a\\u{2028}b"),
    ("\u{200B}\u{FEFF}", "\\u{200B}\\u{FEFF}"), ("\u{E000}", "\\u{E000}"),
  ])
  func `Control characters are shown by their code`(text: String, shown: String) {
    #expect(foreign(text) == shown)
  }

  @Test func `Long text is cut`() {
    #expect(foreign(String(repeating: "x", count: 10), limit: 4) == "xxxx...")
    #expect(foreign("four", limit: 4) == "four")
  }
}
