import Glibc
import Platform

/// A TCP socket that listens.
package struct ListeningSocket: Sendable {
  let descriptor: Int32
  /// The port, also where the system has chosen it.
  package let port: Int
  /// Whether only this host can reach it.
  package let isLoopback: Bool
  /// Whether it listens on all of the host's addresses.
  package let isOnAllInterfaces: Bool
  /// The host, as it was named.
  package let host: String

  /// Listens on a host's address (a name or a number) and a port; 0 for any that is free.
  ///
  /// Throws a `Failure`: `usage` for a host that has no address here, `unavailable` for a port that is taken.
  package init(host: String, port: Int) throws {
    var wanted = addrinfo()
    wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &wanted, &found)
    guard status == 0, let first = found else {
      throw Failure(.usage, "there is no address of \(foreign(host)): \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(first) }
    let descriptor = socket(
      first.pointee.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure("open a socket for", host, port) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0, listen(descriptor, 511) == 0 else {
      defer { Glibc.close(descriptor) }
      throw Self.failure("listen on", host, port)
    }
    self.descriptor = descriptor
    self.host = host
    let (number, ownPort) = Self.name(of: descriptor)
    self.port = ownPort
    isLoopback = number.hasPrefix("127.") || number == "::1" || number.hasPrefix("::ffff:127.")
    isOnAllInterfaces = number == "0.0.0.0" || number == "::"
  }

  /// Where a browser finds it: `http://127.0.0.1:8080/`.
  package var address: String {
    let name = isOnAllInterfaces ? "127.0.0.1" : host
    return "http://\(name.contains(":") ? "[\(name)]" : name):\(port)/"
  }

  private static func failure(_ what: String, _ host: String, _ port: Int) -> Failure {
    let place = "\(foreign(host)), port \(port)"
    switch errno {
    case EADDRINUSE:
      return Failure(
        .unavailable,
        "cannot \(what) \(place): another program listens there; end it, or choose another port (0 for any)")
    case EACCES:
      return Failure(.unavailable, "cannot \(what) \(place): ports below 1024 are the system's; choose another")
    case EADDRNOTAVAIL: return Failure(.usage, "cannot \(what) \(place): this host does not have that address")
    default: return Failure(.unavailable, "cannot \(what) \(place): \(String(cString: strerror(errno)))")
    }
  }

  /// The address and port that a socket has.
  private static func name(of descriptor: Int32) -> (String, Int) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var (host, service) = ([CChar](repeating: 0, count: 64), [CChar](repeating: 0, count: 16))
    let status = withUnsafeMutablePointer(to: &storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        getsockname(descriptor, address, &length) != 0
          ? -1
          : getnameinfo(
            address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
            NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    guard status == 0 else { return ("", 0) }
    func text(_ characters: [CChar]) -> String {
      String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return (text(host), Int(text(service)) ?? 0)
  }

  func close() { _ = Glibc.close(descriptor) }
}
