import Serving
import TestTags
import Testing

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
