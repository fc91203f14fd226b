import Datasets
import Serving

/// What a client of `serve` sends. For any bytes of a connection:
///
/// 1. They are requests, a part of one, or a fault with a status from 400 on: nothing else ends the reading.
/// 2. The same bytes in pieces of any size are the same requests, and the same fault.
/// 3. A body is images, at least one, each of the network's size, or a fault with a status from 400 on.
/// 4. Reading asks the heap for no more than 64 times the bytes, and the fixed amount below.
enum RequestTarget {
  private static let fixed = 1 << 20
  private static let mostBody = 1 << 16

  static func test(connection bytes: [UInt8]) {
    let outcome = Allocations.limited(inputBytes: bytes.count * 64, fixed: fixed, "reading requests") {
      Result<_, RequestFault>.success(read(bytes, pieces: max(1, bytes.count)))
    }
    guard case .success((let requests, let fault)) = outcome else { return }
    for piece in [1, 7] {
      let (again, sameFault) = read(bytes, pieces: piece)
      require(again == requests, "in pieces of \(piece) the requests are others")
      require((sameFault == nil) == (fault == nil), "in pieces of \(piece) there is another fault")
    }
    for request in requests { test(request) }
  }

  /// The first byte says what the body is.
  static func test(body bytes: [UInt8]) {
    let types = ["", "application/json", "image/png", "multipart/form-data; boundary=x"]
    let type = types[Int(bytes.first ?? 0) % types.count]
    test(HTTPRequest("POST", "/predict", headers: [.init("content-type", type)], body: Array(bytes.dropFirst())))
  }

  private static func test(_ request: HTTPRequest) {
    require(request.body.count <= mostBody, "a body is longer than the most")
    for format in [ImageFormat(height: 2, width: 3), ImageFormat(height: 2, width: 1, channels: 3)] {
      let outcome = Allocations.limited(inputBytes: request.body.count * 64, fixed: fixed, "reading a body") {
        Result { () throws(RequestFault) in try RequestedImages(format, mostImages: 50).images(of: request) }
      }
      switch outcome {
      case .success(let images):
        require((1...50).contains(images.count), "\(images.count) images")
        for case .pixels(let pixels) in images { require(pixels.count == format.count, "\(pixels.count) pixels") }
      case .failure(let error):
        require(error.status.rawValue >= 400 && !error.message.isEmpty, "a fault without a reason")
      }
    }
  }

  private static func read(_ bytes: [UInt8], pieces: Int) -> ([HTTPRequest], RequestFault?) {
    var reader = RequestReader(mostBodyBytes: mostBody)
    var requests: [HTTPRequest] = []
    do throws(RequestFault) {
      for start in stride(from: 0, to: bytes.count, by: pieces) {
        reader.append(bytes[start..<min(start + pieces, bytes.count)])
        var isIncomplete = false
        while !isIncomplete {
          switch try reader.next() {
          case .incomplete: isIncomplete = true
          case .head: break
          case .request(let request, _): requests.append(request)
          }
        }
      }
    } catch {
      return (requests, error)
    }
    return (requests, nil)
  }
}
