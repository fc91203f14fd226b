import Platform

// Numbers as a reader of a page wants them; the same text on any machine.

/// A number with this many decimals; a dash where it is none.
package func decimal(_ number: Double, _ decimals: Int) -> String {
  guard number.isFinite, number.magnitude < 1e15 else { return "–" }
  return number.fixed(decimals)
}

/// A number with at most this many decimals, without zeros at its end.
package func short(_ number: Double, _ decimals: Int) -> String {
  var text = decimal(number, decimals)
  if text.contains(".") {
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
  }
  return text == "-0" ? "0" : text
}

/// A place in a picture.
package func place(_ number: Double) -> String { short(number, 1) }

/// A whole number in groups of three digits: `7,172`.
package func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.append(String(digits.suffix(3)))
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + groups.reversed()).joined(separator: ",")
}

/// A fraction as per cent, `86.6 %`; only all of it is 100 %, and only nothing is 0 %.
package func percent(_ fraction: Double, _ decimals: Int = 1) -> String {
  guard fraction.isFinite else { return "–" }
  let half = 0.5 / (decimals == 0 ? 100 : 1000)
  let isAlmostAll = fraction < 1 && fraction >= 1 - half
  let isAlmostNone = fraction > 0 && fraction < half
  let text =
    isAlmostAll ? "> " + (decimals == 0 ? "99" : "99.9") : isAlmostNone ? "< " + (decimals == 0 ? "1" : "0.1") : nil
  return (text ?? decimal(fraction * 100, decimals)) + "\u{A0}%"
}

/// A probability, which a network never gives as certain: `> 99.9 %`.
package func probability(_ fraction: Float) -> String {
  fraction >= 0.9995 ? ">\u{A0}99.9\u{A0}%" : percent(Double(fraction))
}

/// A duration: `22 s`, `3 min 20 s`, `1 h 02 min`.
package func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, (0..<1e12).contains(seconds) else { return "–" }
  if seconds < 10 { return decimal(seconds, 1) + "\u{A0}s" }
  let total = Int(seconds.rounded())
  let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
  let padded = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
  if hours > 0 { return "\(grouped(hours))\u{A0}h \(padded(minutes))\u{A0}min" }
  return minutes > 0 ? "\(minutes)\u{A0}min \(padded(rest))\u{A0}s" : "\(rest)\u{A0}s"
}

/// A number in its shortest form: `0.001`, `5e-05`.
package func shortest(_ number: Double) -> String {
  let text = "\(number)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A number with four significant digits, in its shortest form: `0.005997`, `5e-05`.
package func significant(_ number: Double) -> String {
  guard number.isFinite, number != 0 else { return shortest(number) }
  let text = number.significant(4)
  return Double(text).map(shortest) ?? text
}

/// A name of at most this many characters: what is longer loses its middle, as the ends of names differ.
package func shortened(_ name: String, to limit: Int) -> String {
  guard name.count > limit else { return name }
  let end = (limit - 1) / 3
  return String(name.prefix(limit - 1 - end)) + "…" + String(name.suffix(end))
}
