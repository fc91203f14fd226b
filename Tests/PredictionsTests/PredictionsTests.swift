import Datasets
import Foundation
import ImageFiles
import ModelFiles
import NeuralNet
import Platform
import Predictions
import Runs
import TestFiles
import TestTags
import Testing

@Suite("What a model says of images", .tags(.files))
struct PredictionsTests {
  private let scratch: Scratch
  private let classifier: ImageClassifier

  init() throws {
    scratch = try Scratch()
    let network = Architecture.signLanguageMNIST()
    let path = try scratch.file(
      ModelFile(network, parameters: network.initialParameters(seed: 3)).encoded(), name: "model.safetensors")
    classifier = ImageClassifier(try StoredModel(path: path))
  }

  private func png(_ level: UInt8) -> [UInt8] {
    PNGImage((0..<784).map { UInt8(truncatingIfNeeded: $0) & level }, .mnist).bytes
  }

  @Test func `A photograph, its pixels and a block of them have the same answer`() throws {
    let pixels = (0..<784).map { UInt8(truncatingIfNeeded: $0) & 127 }
    let one = classifier.predictions(of: [try classifier.input(of: Picture(named: "x", png(127)))])[0]
    #expect(one.image == pixels && one.candidates.count == 25 && one.differences == nil)
    #expect(one.label == one.candidates[0].label && one.probability == one.candidates[0].probability)
    let many = classifier.predictions(of: (0..<70).map { $0 % 2 == 0 ? pixels : [UInt8](repeating: 9, count: 784) })
    #expect(many.count == 70)
    for index in stride(from: 0, to: 70, by: 2) { #expect(many[index].candidates == one.candidates) }
  }

  @Test func `Inputs keep their order, and a damaged one does not stop the others`() throws {
    try Folders.make(scratch.path + "/photos/B")
    _ = try scratch.file(png(255), name: "photos/B/1.png")
    _ = try scratch.file(Array(png(255).dropLast(40)), name: "photos/B/2.png")
    let single = try scratch.file(png(31), name: "single.png")
    let table = try scratch.file(
      (1...784).map { "pixel\($0)" }.joined(separator: ",") + "\n"
        + [String](repeating: "7", count: 784).joined(separator: ",")
        + "\n")
    var inputs: [PredictionInput] = []
    for path in [single, scratch.path + "/photos", table] {
      inputs += try PredictionSources.inputs(at: path, classifier) { Issue.record("\($0)") }
    }
    var predicted: [PredictedInput] = []
    var failures: [FailedInput] = []
    try classifier.predict(inputs, thumbnails: true) { result in
      switch result {
      case .success(let one): predicted.append(one)
      case .failure(let one): failures.append(one)
      }
    }
    #expect(predicted.map(\.input.name) == [single, scratch.path + "/photos/B/1.png", table])
    #expect(predicted.map(\.input.truth) == [nil, 1, nil] && predicted.map(\.input.row) == [nil, nil, 0])
    #expect(predicted.map { $0.thumbnail?.width } == [28, 28, nil])
    #expect(failures.count == 1 && failures[0].name.hasSuffix("2.png") && failures[0].error is ImageFileError)
    let error = #expect(throws: FileError.self) {
      try PredictionSources.inputs(at: scratch.path + "/nowhere", classifier) { _ in }
    }
    #expect(error?.isMissing == true)
  }

  private func report(_ name: String, top: Int? = nil) throws -> PredictionReport {
    let input = PredictionInput.image(png(255), named: name)
    var predicted: [PredictedInput] = []
    try classifier.predict([input]) { predicted.append(try $0.get()) }
    return PredictionReport(
      model: "m", classes: classifier.classes, predictions: predicted,
      failures: [FailedInput(name: "z", error: Failure(.data, "why"))],
      top: top)
  }

  @Test func `JSON has all probabilities, and nothing that steers a terminal`() throws {
    let name = "a\u{1B}[31m\u{202E}\u{9B}é\u{E0001}.png"
    let bytes = try report(name, top: 2).json()
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(
      !text.unicodeScalars.contains {
        $0.value == 0x1B || $0.value == 0x9B || $0.value == 0x202E || $0.value == 0xE0001
      })
    #expect(text.contains("é"))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let one = try #require((json["predictions"] as? [[String: Any]])?.first)
    #expect(one["input"] as? String == name)
    let probabilities = try #require(one["probabilities"] as? [String: Double])
    #expect(probabilities.count == 25 && abs(probabilities.values.reduce(0, +) - 1) < 1e-5)
    #expect(probabilities[one["label"] as? String ?? ""] == one["probability"] as? Double)
    #expect((one["top"] as? [[String: Any]])?.count == 2)
    #expect((json["failures"] as? [[String: String]]) == [["input": "z", "error": "why"]])
    #expect(json["accuracy"] == nil && one["true"] == nil && one["unlike_training"] == nil)
  }

  @Test func `CSV quotes as RFC 4180 has it`() throws {
    let report = try report("a,\"b\"\n\u{1B}.png", top: 2)
    let csv = PredictionCSV(report, isForTerminal: false)
    #expect(
      csv.header.hasPrefix(
        "input,row,label,probability,label_2,probability_2,true,unlike_training,unlike_training_in,p_A,p_B"))
    #expect(csv.line(report.told[0]).hasPrefix("\"a,\"\"b\"\"\n\u{1B}.png\",,"))
    let shown = PredictionCSV(report, isForTerminal: true).line(report.told[0])
    #expect(shown.hasPrefix(#""a,""b""\u{A}\u{1B}.png",,"#) && !shown.contains("\u{1B}"))
    #expect(csv.header.split(separator: ",").count == 9 + 25)
    #expect(shown.split(separator: ",", omittingEmptySubsequences: false).count == 1 + 9 + 25)
  }
}
