import Glibc

/// Answers as they are sent.
struct ResponseBytes {
  /// Headers of every answer: nothing is kept, guessed, embedded or told to others.
  private static let common =
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
    + "Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"

  private var second = 0
  private var date = ""

  /// An answer's bytes.
  mutating func bytes(_ response: HTTPResponse, isHead: Bool, keepsAlive: Bool) -> [UInt8] {
    var head = "HTTP/1.1 \(response.status.rawValue) \(response.status.phrase)\r\nDate: \(now())\r\n"
    head += "Content-Type: \(response.contentType)\r\nContent-Length: \(response.body.count)\r\n"
    for field in response.headers { head += "\(field.name): \(field.value)\r\n" }
    head += Self.common
    head += keepsAlive ? "\r\n" : "Connection: close\r\n\r\n"
    var bytes: [UInt8] = []
    bytes.reserveCapacity(head.utf8.count + response.body.count)
    bytes += head.utf8
    if !isHead { bytes += response.body }
    return bytes
  }

  /// The time as HTTP writes it (RFC 9110, section 5.6.7), made once a second.
  private mutating func now() -> String {
    var seconds = time(nil)
    guard seconds != second else { return date }
    second = seconds
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Int(parts.tm_mon)]
    date =
      "\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    return date
  }
}
