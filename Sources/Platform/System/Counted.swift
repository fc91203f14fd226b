/// A number with a noun that forms its plural with an s: `1 rank`, `3 ranks`.
package func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
