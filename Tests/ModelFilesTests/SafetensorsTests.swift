import Foundation
import ModelFiles
import NeuralNet
import Platform
import TestFiles
import TestTags
import Testing

/// The bytes of a file with this header and n data bytes.
func bytes(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
  withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) } + Array(header.utf8)
    + [UInt8](repeating: 0, count: data)
}

func entry(_ name: String, _ type: String = "F32", _ shape: String = "1", _ offsets: String = "0,4") -> String {
  "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}"
}

@Suite("Safetensors files are Python's", .tags(.files))
struct SafetensorsTests {
  /// Made by the `safetensors` package of PyPI, version 0.8.0.
  static let golden = Array(
    Data(
      base64Encoded: """
        sAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJub3RlIjoiYSBcInF1b3RlZFwiIFxcIGxpbmVcbsO88J+WkCIsInNlZWQiOiIxIn0sInN0ZXAiOnsiZHR5
        cGUiOiJJNjQiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzAsOF19LCJtb21lbnQiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29m
        ZnNldHMiOls4LDI0XX0sImRlbnNlL2JpYXMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlsyNCwzMl19LCJkZW5zZS9r
        ZXJuZWwiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzMyLDU2XX0sImVtcHR5Ijp7ImR0eXBlIjoiRjMyIiwic2hh
        cGUiOlswLDRdLCJkYXRhX29mZnNldHMiOls1Niw1Nl19LCJmbGFncyI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNTYs
        NTldfX35/////////1VVVVVVVdU/nHUAiDzkN34AAAA/AAAAgAAAgD8AACDAWdkAMwAAAACrqqo+AOB/RwAB/w==
        """, options: .ignoreUnknownCharacters)!)

  static let contents = TensorFile(
    tensors: [
      Tensor(name: "step", shape: [], values: .int64([-7])),
      Tensor(name: "moment", shape: [2], values: .float64([1.0 / 3, 1e300])),
      Tensor(name: "dense/bias", shape: [2], values: [0.5, -0.0]),
      Tensor(name: "dense/kernel", shape: [2, 3], values: [1, -2.5, 3e-8, 0, 1.0 / 3, 65504]),
      Tensor(name: "empty", shape: [0, 4], values: [Float]()),
      Tensor(name: "flags", shape: [3], values: .uint8([0, 1, 255])),
    ], metadata: ["seed": "1", "note": "a \"quoted\" \\ line\nü🖐"])

  @Test func `What Python wrote is read`() throws {
    let file = try TensorFile(bytes: Self.golden)
    #expect(file == Self.contents)
    #expect(try file.floats("dense/bias", shape: [2]).map(\.bitPattern) == [0x3F00_0000, 0x8000_0000])
  }

  /// The data's bytes are Python's; the header has its order, our sorted metadata, and padding to a multiple of 8.
  @Test func `The data written are the bytes that Python writes`() throws {
    var file = Self.contents
    file.metadata["note"] = "\u{1}"
    let written = file.encoded()
    #expect(try TensorFile(bytes: written) == file)
    #expect(written.count % 8 == 59 % 8 && written[0] % 8 == 0)
    #expect(written.suffix(59) == Self.golden.suffix(59))
    let header = String(decoding: written.dropFirst(8).dropLast(59), as: UTF8.self)
    #expect(header.hasPrefix("{\"__metadata__\":{\"note\":\"\\u0001\",\"seed\":\"1\"},\"step\":{\"dtype\":\"I64\","))
  }

  @Test func `Larger elements come first`() throws {
    let flags = Tensor(name: "flags", shape: [3], values: .uint8([1, 2, 3]))
    let weights = Tensor(name: "weights", shape: [1], values: [2])
    let read = try TensorFile(bytes: TensorFile(tensors: [flags, weights]).encoded())
    #expect(read.tensors == [weights, flags])
    #expect(try TensorFile(bytes: TensorFile().encoded()) == TensorFile())
  }

  @Test func `Tensors survive being written and read`() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/model.safetensors"
    try Self.contents.write(to: path)
    #expect(try TensorFile(path: path) == Self.contents)
    try AtomicFile.write([1, 2], to: path)
    #expect(throws: SafetensorsError(file: path, .tooShort(2))) { try TensorFile(path: path) }
  }

  @Test func `Errors name the tensor that does not fit`() {
    let file = Self.contents
    #expect(throws: SafetensorsError(.missingTensor("x"))) { try file.floats("x", shape: []) }
    #expect(throws: SafetensorsError(.wrongType(tensor: "step", expected: "F32", found: "I64"))) {
      try file.floats("step", shape: [])
    }
    #expect(throws: SafetensorsError(.wrongShape(tensor: "dense/bias", expected: [3], found: [2]))) {
      try file.floats("dense/bias", shape: [3])
    }
  }

  @Test func `A model says how its images are preprocessed`() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/model.safetensors"
    let parameters = (0..<standard.layout.paddedCount).map {
      $0 < standard.layout.count ? Float($0) : 0
    }
    for (metadata, expected) in [
      ([:], .unit), (["preprocessing": "unit"], .unit), (["preprocessing": "standardized"], .standardized),
    ]
      as [([String: String], Preprocessing)]
    {
      try ModelFile(standard, parameters: parameters, metadata: metadata).write(to: path)
      let model = try ModelFile(path: path)
      #expect(model.preprocessing == expected)
      #expect(model.parameters == parameters)
      #expect(model.metadata.filter { $0.key != ModelFile.checksumKey } == metadata)
    }
    var file = try TensorFile(path: path)
    file.metadata["preprocessing"] = "Unit"
    try file.write(to: path)
    let error = #expect(throws: SafetensorsError.self) { try ModelFile(path: path) }
    #expect(
      error?.description == "\(path): has the unknown preprocessing 'Unit' in its metadata; this version knows unit, "
        + "standardized, raw")
  }

  @Test func `Weights that do not say so are for bytes where the network begins with a rescaling`() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/model.safetensors"
    let rescaling = try Architecture(input: [4]) {
      Rescaling(1.0 / 255)
      Dense(2)
    }
    let parameters = rescaling.initialParameters(seed: 1)
    for (metadata, expected) in [([:], .raw), (["preprocessing": "unit"], .unit)]
      as [([String: String], Preprocessing)]
    {
      try ModelFile(rescaling, parameters: parameters, metadata: metadata).write(to: path)
      #expect(try ModelFile(path: path).preprocessing == expected)
    }
  }

  @Test func `Damaged files are refused`() {
    let cases: [([UInt8], SafetensorsError.Reason)] = [
      ([], .tooShort(0)),
      ([1, 2, 3], .tooShort(3)),
      (bytes("{}", length: .max), .headerTooLong(length: .max, limit: 2)),
      (bytes("{}", length: 3), .headerTooLong(length: 3, limit: 2)),
      (bytes("{}", data: 1), .trailingBytes(1)),
      (bytes("{\(entry("a"))}", data: 3), .truncated(needed: 4, found: 3)),
      (bytes("{\(entry("a"))}", data: 5), .trailingBytes(1)),
      (bytes("{\(entry("a")),\(entry("a"))}", data: 4), .duplicateName("a")),
      (bytes("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}"), .duplicateName("k")),
      (bytes("{\(entry("a")),\(entry("b"))}", data: 4), .misplaced(tensor: "b", begin: 0, expected: 4)),
      (bytes("{\(entry("a", "F32", "1", "4,8"))}", data: 8), .misplaced(tensor: "a", begin: 4, expected: 0)),
      (
        bytes("{\(entry("a")),\(entry("b", "F32", "1", "8,12"))}", data: 12),
        .misplaced(tensor: "b", begin: 8, expected: 4)
      ),
      (bytes("{\(entry("a", "F32", "2"))}", data: 4), .wrongSize(tensor: "a", needed: 8, begin: 0, end: 4)),
      (bytes("{\(entry("a", "F32", "1", "4,0"))}", data: 4), .wrongSize(tensor: "a", needed: 4, begin: 4, end: 0)),
      (bytes("{\(entry("a", "BF16", "2"))}", data: 4), .unsupportedType(tensor: "a", type: "BF16")),
      (bytes("{\(entry("a", "BF16"))}", data: 4), .wrongSize(tensor: "a", needed: 2, begin: 0, end: 4)),
      (bytes("{\(entry("a", "Q4"))}", data: 4), .unsupportedType(tensor: "a", type: "Q4")),
      (bytes("{\(entry("a", "F32", "4611686018427387904,4"))}", data: 4), .shapeTooLarge(tensor: "a")),
      (bytes("{\(entry("a", "F32", "4611686018427387904,4,0", "0,0"))}"), .shapeTooLarge(tensor: "a")),
      (
        bytes("{\(entry("a", "F32", "1", "0,9223372036854775807"))}", data: 4),
        .wrongSize(tensor: "a", needed: 4, begin: 0, end: .max)
      ),
      (bytes("[]"), .malformedHeader(byte: 8, expected: "'{'")),
      (bytes("{"), .malformedHeader(byte: 9, expected: "a string")),
      (bytes("{}x"), .malformedHeader(byte: 10, expected: "the end of the header")),
      (bytes("{\"a"), .malformedHeader(byte: 11, expected: "the end of a string")),
      (bytes("{\"a\":1}"), .malformedHeader(byte: 13, expected: "'{'")),
      (bytes("{\"\\ud800\":1}"), .malformedHeader(byte: 16, expected: "a surrogate pair")),
      (bytes("{\"\\ud83d \\udd90\":1}"), .malformedHeader(byte: 16, expected: "a surrogate pair")),
      (bytes("{\"\\ud83d\\ udd90\":1}"), .malformedHeader(byte: 17, expected: "a surrogate pair")),
      (bytes("{\"a\":{\"shape\":[9223372036854775808]}}"), .malformedHeader(byte: 41, expected: "a number below 2^63")),
      (bytes("{\"a\":{\"shape\":[-1]}}"), .malformedHeader(byte: 23, expected: "an integer")),
    ]
    for (bytes, reason) in cases {
      #expect(throws: SafetensorsError(reason), "\(String(decoding: bytes, as: UTF8.self))") {
        try TensorFile(bytes: bytes)
      }
    }
  }

  /// Every file cut short, and every byte of a header replaced, is refused or read: nothing crashes.
  @Test func `Every truncation and many changes are refused or read`() {
    for count in 0..<Self.golden.count {
      #expect(throws: SafetensorsError.self) { try TensorFile(bytes: Array(Self.golden.prefix(count))) }
    }
    var refused = 0
    for place in 0..<Self.golden.count - 59 {
      for value in [0, 0x20, 0x22, 0x2C, 0x30, 0x39, 0x5B, 0x5C, 0x7B, 0x7D, 0xFF] as [UInt8]
      where Self.golden[place] != value {
        var bytes = Self.golden
        bytes[place] = value
        if (try? TensorFile(bytes: bytes)) == nil { refused += 1 }
      }
    }
    #expect(refused > 4000)
  }
}
