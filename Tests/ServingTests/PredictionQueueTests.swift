import Datasets
import NeuralNet
import Serving
import TestTags
import Testing
import Training

@Suite("Batches of requests", .tags(.bits))
struct PredictionQueueTests {
  private static let architecture = Architecture.signLanguageMNIST()
  private static let parameters = architecture.initialParameters(seed: 3)
  private static let images = (0..<37).map { image in (0..<784).map { UInt8(truncatingIfNeeded: $0 * (image + 3)) } }

  @Test(arguments: [1, 3, 4, 5, 8, 9, 37])
  func `Whatever is in a block, an image has the same bits`(count: Int) {
    let single = Predictor(Self.architecture, parameters: Self.parameters)
    let block = BlockPredictor(Self.architecture, parameters: Self.parameters, preprocessing: .unit)
    for (image, found) in zip(Self.images, block.probabilities(of: Self.images.prefix(count))) {
      let expected = single.candidates(for: image).sorted { $0.label < $1.label }.map(\.probability)
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
    #expect(block.probabilities(of: Self.images.prefix(count)).count == count)
  }
}

@Suite("Metrics", .tags(.pure))
struct MetricsTests {
  @Test func `An empty server's metrics`() {
    let text = ServerMetrics(model: [("sha256", "a\"b\\c\n")]).text(waiting: 2)
    #expect(text.contains("# TYPE fingerspell_images_total counter\nfingerspell_images_total 0\n"))
    #expect(text.contains("fingerspell_batch_images_bucket{le=\"+Inf\"} 0\n"))
    #expect(text.contains("fingerspell_images_waiting 2\n"))
    #expect(text.contains(#"fingerspell_model_info{sha256="a\"b\\c\n"} 1"#))
    #expect(text.hasSuffix("\n"))
  }
}
