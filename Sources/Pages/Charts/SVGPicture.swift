/// A picture of vectors, as a part of a page or as a file of its own.
struct SVGPicture {
  /// Distinguishes its parts from those of other pictures of a page.
  let id: String
  /// What it shows, and what there is to see: for those who cannot look.
  let title: String, summary: String
  /// Its size in units of about a pixel.
  let width: Double, height: Double
  /// Its elements, in which every text is escaped.
  let content: String

  /// The picture in a page that has `charts.css`.
  ///
  /// - Parameters:
  ///   - classes: of the element.
  ///   - widths: the least and the largest factor of its size at which it is shown; nil for whatever fits.
  func inline(_ classes: String, widths: ClosedRange<Double>? = nil) -> String {
    let limits = widths.map {
      #" style="min-width:\#(place($0.lowerBound * width))px;max-width:\#(place($0.upperBound * width))px""#
    }
    return """
      <svg class="chart \(classes)"\(limits ?? "") viewBox="0 0 \(place(width)) \(place(height))" role="img" \
      aria-labelledby="\(id)-title \(id)-summary">
      <title id="\(id)-title">\(escaped(title))</title>
      <desc id="\(id)-summary">\(escaped(summary))</desc>
      \(content)
      </svg>
      """
  }

  /// The picture as a file: with its own colours, for light and for dark pages.
  var file: String {
    let margin = 16.0
    let (outerWidth, outerHeight) = (width + 2 * margin, height + 2 * margin + 24)
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(place(outerWidth))" height="\(place(outerHeight))" \
      viewBox="\(place(-margin)) \(place(-margin - 24)) \(place(outerWidth)) \(place(outerHeight))" role="img" \
      aria-labelledby="\(id)-title \(id)-summary" class="chart">
      <title id="\(id)-title">\(escaped(title))</title>
      <desc id="\(id)-summary">\(escaped(summary))</desc>
      <style>
      \(PictureStyle.text)</style>
      <rect class="surface" x="\(place(-margin))" y="\(place(-margin - 24))" width="\(place(outerWidth))" \
      height="\(place(outerHeight))" rx="10"/>
      <text class="heading" x="0" y="-10">\(escaped(title))</text>
      \(content)
      </svg>

      """
  }
}

/// The style of a picture that is a file of its own: `charts.css` with the colours of all pages in place of their names.
enum PictureStyle {
  /// The rules, for light and then for dark.
  static var text: String {
    let (light, dark) = (rules(colors(0)), rules(colors(1)))
    return light + "@media (prefers-color-scheme: dark) {\n" + dark + "}\n"
  }

  private static func rules(_ colors: [(name: String, value: String)]) -> String {
    var rules = PageAssets.charts
    for color in colors { rules = rules.replacing("var(--\(color.name))", with: color.value) }
    return rules
  }

  /// The colours of a block `:root { ... }` of the style sheets: the first of each is for light, the second for dark.
  private static func colors(_ index: Int) -> [(name: String, value: String)] {
    [PageAssets.style, PageAssets.series].flatMap { sheet -> [(name: String, value: String)] in
      let blocks = sheet.split(separator: ":root {").dropFirst()
      guard index < blocks.count else { return [] }
      let block = blocks[blocks.startIndex + index].prefix { $0 != "}" }
      return block.split(separator: ";").compactMap { declaration in
        let parts = declaration.split(separator: ":", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
        guard parts.count == 2, parts[0].hasPrefix("--") else { return nil }
        return (String(parts[0].dropFirst(2)), String(parts[1]))
      }
    }
  }
}
