import Datasets
import NeuralNet
import Platform

/// A page that takes pictures of each class with a camera, and saves them as a folder a class in a zip, as training reads them.
///
/// One file that fetches nothing and sends nothing.
package struct CapturePage {
  private let classes: [String]
  private let height: Int, width: Int

  /// What the zip is called where it is saved.
  private static let archive = "hands.zip"

  /// The page for these classes; those that the data never have are left out.
  ///
  /// - Parameters:
  ///   - height: the rows of pixels of each picture.
  ///   - width: its columns.
  package init(_ classes: ClassNames, height: Int, width: Int) {
    self.classes = classes.present.map(classes.name(of:))
    self.height = height
    self.width = width
  }

  /// The page's text: equal for equal choices.
  package var html: String {
    let setup = ConfigurationValue.object([
      "classNames": .array(classes.map { .string($0) }),
      "image": .object(["height": .integer(height), "width": .integer(width)]),
      "archive": .string(Self.archive),
    ])
    var page = Page(title: "Fingerspell, your own hand")
    page.style = PageAssets.viewfinderStyle + PageAssets.captureStyle
    let body = PageData.filled(PageAssets.captureBody, "{{viewfinder}}", PageAssets.viewfinderBody)
    page.body =
      PageData.filled(body, "{{archive}}", escaped(Self.archive)) + "\n" + PageData.json(setup, id: "setup")
    page.script = PageAssets.image + PageAssets.viewfinder + PageAssets.zip + PageAssets.capture
    return page.html
  }
}
