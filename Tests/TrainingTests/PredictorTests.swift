import NeuralNet
import TestTags
import Testing
import Training

@Suite("Prediction", .tags(.bits))
struct PredictorTests {
  private static let architecture = Architecture.signLanguageMNIST()
  private static let parameters = architecture.initialParameters(seed: 3)
  private static let images = (0..<37).map { image in (0..<784).map { UInt8(truncatingIfNeeded: $0 * (image + 3)) } }

  @Test(arguments: [1, 3, 4, 5, 8, 9, 37])
  func `Whatever is in a block, an image has the same bits`(count: Int) {
    let predictor = Predictor(Self.architecture, parameters: Self.parameters)
    let found = predictor.probabilities(of: Array(Self.images.prefix(count)))
    #expect(found.count == count)
    for (image, found) in zip(Self.images, found) {
      let expected = predictor.candidates(for: image).sorted { $0.label < $1.label }.map(\.probability)
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
  }

  @Test func `Of equally probable labels the lower one is first`() {
    #expect(Predictor.candidates([0.25, 0.5, 0.25]).map(\.label) == [1, 0, 2])
  }
}
