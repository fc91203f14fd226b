import Datasets
import ModelExchange

/// A page of a server that sends pictures to it, for networks that no page computes itself.
package struct UploadPage {
  private let model: ExportedModel
  private let format: ImageFormat

  /// The page of a model for images of that format.
  package init(_ model: ExportedModel, format: ImageFormat) {
    self.model = model
    self.format = format
  }

  /// The page's text.
  package var html: String {
    var page = Page(title: "Fingerspell")
    page.style = PageAssets.uploadStyle
    page.policy = "connect-src 'self'; form-action 'self'"
    page.body = """
      <main>
      <h1>What is in the picture?</h1>
      <p class="quiet">The network sees it in \(format), and knows \(model.classNames.count) classes.</p>
      <form id="form" action="/predict" method="post" enctype="multipart/form-data">
      <label class="card drop" id="drop">
      <input type="file" id="file" name="image" accept="image/png,image/jpeg" required>
      <img id="preview" alt="" class="away">
      <span id="hint"><strong>Choose a picture</strong>, or drop one here (PNG or JPEG)</span>
      </label>
      <noscript><p><button>Predict</button></p></noscript>
      </form>
      <p id="message" role="status"></p>
      <ol id="answer" class="bars"></ol>
      <footer class="quiet">
      <p>From a program: <code>curl --data-binary @hand.jpg <span id="origin"></span>/predict?top=3</code></p>
      <p>SHA-256 of the parameters: \(escaped(model.checksum))</p>
      </footer>
      </main>
      """
    page.script = PageAssets.upload
    return page.html
  }
}
