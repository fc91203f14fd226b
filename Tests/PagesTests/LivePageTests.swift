import Datasets
import ModelExchange
import NeuralNet
import Pages
import Testing

/// Which models have a page; what the pages do is tested in a browser, by Tests/System/test_live_page.py.
@Suite struct LivePageTests {
  /// A layer that no page computes.
  struct Doubling: Layer {
    static let kerasName = "Doubling"
    init() {}
    init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {}
    var configuration: [String: ConfigurationValue] { [:] }
    func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape { input }
    func operation(_ context: inout LayerContext) -> (any LayerOperation)? { nil }
  }

  private func model(_ layers: [any Layer], input: Shape = [4, 4]) throws -> ExportedModel {
    let architecture = try Architecture(
      input: input, layers: (layers + [Flatten(), Dense(3, activation: .softmax)]).map { (nil, $0) })
    return ExportedModel(
      architecture, parameters: [Float](repeating: 0.5, count: architecture.layout.paddedCount), preprocessing: .unit,
      classNames: ["A", "B", "<i>"])
  }

  @Test func aPageComputesEveryLayer() {
    #expect(LivePage.layers == Set(Architecture.layerNames))
  }

  @Test func aLayerThatThePageDoesNotComputeIsNamed() throws {
    let model = try model([Doubling()])
    let error = #expect(throws: LivePageError.self) { try LivePage(model, format: ImageFormat(height: 4, width: 4)) }
    #expect(error == .layer("doubling (Doubling)"))
    #expect(error?.description.contains("cannot compute the layer doubling (Doubling)") == true)
  }

  @Test func imagesOfTwoChannelsAreRefused() throws {
    let (model, format) = (try model([], input: [4, 4, 2]), ImageFormat(height: 4, width: 4, channels: 2))
    let error = #expect(throws: LivePageError.self) { try LivePage(model, format: format) }
    #expect(error == .format(format))
  }

  @Test func aPageHasTheModelAndNoMarkupOfItsNames() throws {
    let html = try LivePage(model([Dropout(0.5)]), format: ImageFormat(height: 4, width: 4)).html
    #expect(html.contains(#""classNames":["A","B","\u003ci>"]"#))
    #expect(html.contains(#""softmax":true"#))
    // 0.5 as little-endian float32, three times in 12 bytes.
    #expect(html.contains(#"id="weights">AAAAPwAAAD8AAAA/"#))
    #expect(!html.contains("{{"))
  }

  @Test func aCapturePageLeavesOutAbsentClasses() {
    let html = CapturePage(.signLanguageMNIST, height: 64, width: 48).html
    #expect(html.contains(#""H","I","K","L""#))
    #expect(html.contains(#""image":{"height":64,"width":48}"#))
    #expect(!html.contains("{{"))
  }
}
