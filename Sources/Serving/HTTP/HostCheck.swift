/// Who may ask: a page of another site must not use a server on its reader's own machine.
package struct HostCheck: Hashable, Sendable {
  /// Whether the server can be reached only from its own machine.
  let isLoopback: Bool
  /// What it was told to listen on.
  let ownName: String

  /// The check of a server that listens on this socket.
  package init(_ socket: ListeningSocket) {
    self.init(isLoopback: socket.isLoopback, ownName: socket.host)
  }

  /// The check of such a server.
  package init(isLoopback: Bool, ownName: String) {
    self.isLoopback = isLoopback
    self.ownName = ownName.lowercased()
  }

  /// Refuses a request whose Host names another machine (a name that was made to lead here, DNS rebinding), and one that a page of
  /// another site sends.
  package func check(_ request: HTTPRequest) throws(RequestFault) {
    let authority = request.header("host") ?? ""
    let name = Self.name(authority)
    guard !isLoopback || name.isEmpty || name == ownName || Self.isLoopbackName(name) else {
      throw RequestFault(.misdirectedRequest, "the request's Host is not this machine's")
    }
    guard let origin = request.header("origin") else { return }
    let pieces = origin.split(separator: "://", maxSplits: 1)
    guard pieces.count == 2, pieces[1].lowercased() == authority.lowercased() else {
      throw RequestFault(.forbidden, "the request comes from a page of another site")
    }
  }

  /// The name in `name:port` or `[address]:port`.
  private static func name(_ authority: String) -> String {
    if authority.hasPrefix("[") { return authority.dropFirst().prefix { $0 != "]" }.lowercased() }
    return authority.prefix { $0 != ":" }.lowercased()
  }

  private static func isLoopbackName(_ name: String) -> Bool {
    if name == "localhost" || name.hasSuffix(".localhost") || name == "::1" { return true }
    let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }
}
