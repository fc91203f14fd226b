import Datasets
import FoundationEssentials
import ImageFiles
import Platform
import Training

/// The sections of a report that show images: mistakes, the worst of them, and the classes' means.
struct ExamplePictures {
  let examination: Examination
  let results: ClassResults

  /// The most frequent mistakes, each with examples and an image of the class that it was taken for; nil if there are none.
  var mistakes: String? {
    guard !examination.pairs.isEmpty else { return nil }
    let cards = examination.pairs.map { pair in
      let (name, other) = (escaped(results.name(pair.label)), escaped(results.name(pair.prediction)))
      let share = percent(Double(pair.count) / Double(max(1, results.support(pair.label))), 0)
      let examples = pair.examples.map {
        figure(
          $0.image, "\(results.name(pair.label)), read as \(results.name(pair.prediction))", probability($0.probability)
        )
      }
      let genuine = pair.genuine.map {
        figure($0.image, "\(results.name(pair.prediction)), for comparison", "a real \(other)", classes: "genuine")
      }
      return """
        <article class="card"><h3>\(name) read as \(other) <span class="quiet">\(counted(pair.count, "image")), \(share) of all \(name)</span></h3>
        <div class="strip">
        \((examples + [genuine].compactMap { $0 }).joined(separator: "\n"))
        </div>
        </article>
        """
    }
    return """
      <section aria-labelledby="mistakes"><h2 id="mistakes">The commonest mistakes</h2>
      <p class="quiet">From the image of which the network was surest to the one of which it was least sure, with the probability that it gave the wrong class.</p>
      <div class="columns">
      \(cards.joined(separator: "\n"))
      </div>
      </section>
      """
  }

  /// The misread images with the highest losses; nil if there are none.
  var worst: String? {
    guard !examination.worst.isEmpty else { return nil }
    let figures = examination.worst.map { sample in
      let (name, other) = (results.name(sample.label), results.name(sample.prediction))
      return figure(
        sample.image, "\(name), read as \(other)",
        """
        <strong>\(escaped(name))</strong> read as <strong class="wrong">\(escaped(other))</strong>\
        <span class="detail">\(probability(sample.probability)) · row\u{A0}\(sample.row)</span>
        """)
    }
    return """
      <section aria-labelledby="worst"><h2 id="worst">The worst images</h2>
      <p class="quiet">Where the right class got the least probability: the misread images with the highest losses, at most three of the same mistake. \
      With the probability of the wrong class and the row in the data, from 0.</p>
      <div class="card gallery">
      \(figures.joined(separator: "\n"))
      </div>
      </section>
      """
  }

  /// The mean image of each class; nil if there are none.
  var means: String? {
    guard !examination.means.isEmpty else { return nil }
    let figures = examination.means.map { mean in
      figure(
        mean.image, "Mean of \(counted(mean.rows, "image")) of \(results.name(mean.label))",
        "<strong>\(escaped(results.name(mean.label)))</strong> <span class=\"detail\">\(grouped(mean.rows))</span>")
    }
    let classes = results.labels.filter { results.support($0) > 0 }.count
    let part =
      examination.means.count < classes
      ? " Shown are the \(examination.means.count) classes, of \(grouped(classes)), with the most mistakes." : ""
    return """
      <section aria-labelledby="means"><h2 id="means">What the classes look like</h2>
      <p class="quiet">The mean of each class’ validation images, and how many there are: what is sharp is the same in all of them.\(part)</p>
      <div class="card gallery small">
      \(figures.joined(separator: "\n"))
      </div>
      </section>
      """
  }

  /// An image with what is said below it, markup.
  private func figure(_ image: Data, _ text: String, _ caption: String, classes: String = "") -> String {
    let format = examination.imageFormat
    let png = Data(PNGImage(Array(image), format).bytes).base64EncodedString()
    return """
      <figure\(classes.isEmpty ? "" : " class=\"\(classes)\"")><img class="pixels" width="\(format.width)" height="\(format.height)" \
      alt="\(escaped(text))" src="data:image/png;base64,\(png)"><figcaption>\(caption)</figcaption></figure>
      """
  }
}
