import Datasets
import Serving
import TestTags
import Testing

@Suite("Images of a request", .tags(.files))
struct RequestedImagesTests {
  private static let format = ImageFormat(height: 2, width: 2)

  private func images(_ body: String, channels: Int = 1) throws -> [RequestedImage] {
    let reader = RequestedImages(ImageFormat(height: 2, width: 2, channels: channels), mostImages: 2)
    let request = HTTPRequest(
      "POST", "/predict", headers: [.init("content-type", "application/json; charset=utf-8")], body: Array(body.utf8))
    return try reader.images(of: request)
  }

  @Test(arguments: [
    #"{"pixels": [1, 2, 3.0, 4e0]}"#, #" {"pixels":[[1,2],[3,4]]} "#, #"{"pixels": [[[1],[2]],[[3],[4]]]}"#,
    #"{"instances": [[1,2,3,4]]}"#, #"{"instances": [{"pixels": [1,2,3,4]}], "signature_name": {"a": [null, true]}}"#,
    #"{"\u0070ixels": [1,2,3,4]}"#,
  ])
  func `Pixels flat and nested`(body: String) throws {
    #expect(try images(body) == [.pixels([1, 2, 3, 4])])
  }

  @Test func `Pixels of three channels`() throws {
    let pixels = (1...12).map(UInt8.init)
    #expect(try images("{\"pixels\": \(pixels)}", channels: 3) == [.pixels(pixels)])
    #expect(
      try images("{\"pixels\": [[[1,2,3],[4,5,6]],[[7,8,9],[10,11,12]]]}", channels: 3) == [.pixels(pixels)])
  }

  @Test func `Files in base64`() throws {
    #expect(
      try images(#"{"instances": [{"b64": "YWJj"}, {"image": "data:image/png;base64,YWI="}]}"#)
        == [.file(Array("abc".utf8)), .file(Array("ab".utf8))])
  }

  @Test(arguments: [
    (#"{"pixels": [[1,2],[3]]}"#, "pixels[1] has 1 elements, but needs 2: the network takes 2 x 2 gray pixels"),
    (#"{"pixels": [1,2,3,4,5]}"#, "pixels has more than 4 elements, but needs 4: the network takes 2 x 2 gray pixels"),
    (
      #"{"instances": [[1,2,3,4],[[1,2],[3,-1]]]}"#,
      "instances[1][1][1] is -1.0, but a pixel is a whole number from 0 to 255"
    ),
    (#"{"pixels": [1,2,3,04]}"#, "the body is not JSON: a number is malformed at byte 18"),
    (#"{"pixels": [1,2,3,4]} x"#, "the body is not JSON: there is more after the value, at byte 22"),
    (#"{"pixels": 3}"#, "pixels is no list; the network takes 2 x 2 gray pixels, in one list or nested"),
    (
      #"{"instances": [[1,2,3,4],[1,2,3,4],[1,2,3,4]]}"#,
      "\"instances\" has more than 2 images; send them in several requests"
    ),
    (
      #"{"pixels": [1,2,3,4], "pixels": [1,2,3,4]}"#,
      "\"pixels\" is a second source of images; send one of pixels, instances and image"
    ),
  ])
  func `Faults say what and where`(body: String, message: String) {
    let fault = #expect(throws: RequestFault.self) { try images(body) }
    #expect(fault?.message == message)
  }
}
