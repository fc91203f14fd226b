import Platform

extension Double {
  /// A fraction as per cent: `98.7 %`.
  var percent: String { (self * 100).fixed(1) + " %" }
}

/// A duration as a user reads it: `0:07`, `12:30`, `1:02:03`.
func minutesAndSeconds(_ seconds: Double) -> String {
  let total = Int(Swift.min(seconds, 1e9).rounded())
  let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
  let twoDigits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
  return hours > 0 ? "\(hours):\(twoDigits(minutes)):\(twoDigits(rest))" : "\(minutes):\(twoDigits(rest))"
}
