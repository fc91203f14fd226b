import ModelFiles
import NeuralNet
import Platform

/// The reader of networks' descriptions. For any bytes:
///
/// 1. They are a network or an error with a text, and an error of a layer names it.
/// 2. The parameters of a network lie one after the other, each tensor with a name of its own.
/// 3. A network is encoded, and decoded again to an equal one with equal parameters.
/// 4. A small network computes the forward and the backward pass of a micro-batch, twice with the same bits; without dropout, for
///    inference too.
/// 5. The reader asks the heap for no more than the amounts below, whatever sizes the text claims.
enum ArchitectureTarget {
  /// Of every byte of JSON: Foundation makes an error with its text for each type that a value is not, `[],` being none of six.
  static let perByte = 8 << 10
  /// Errors, and what a short text needs.
  private static let fixed = 256 << 10

  /// What is computed: the most parameters, numbers of a sample between two layers, and multiply-accumulates, and the greatest
  /// whole number of a description.
  private static let limits = (parameters: 20_000, numbers: 8_192, work: 2_000_000, number: 64)

  static func test(json: [UInt8]) {
    let result = Allocations.limited(inputBytes: json.count, fixed: fixed, perByte: perByte, "reading a network") {
      Result { () throws(ArchitectureError) in try Architecture(json: json) }
    }
    check(result)
  }

  /// A description in a short notation.
  static func test(notation: [UInt8]) {
    let description = LayerNotation.network(notation)
    check(
      Allocations.limited(inputBytes: notation.count, fixed: fixed, perByte: perByte, "making a network") {
        Result { () throws(ArchitectureError) in try Architecture(keras: description) }
      })
  }

  private static func check(_ result: Result<Architecture, ArchitectureError>) {
    do throws(ArchitectureError) {
      let architecture = try result.get()
      checkLayout(architecture)
      checkRoundTrip(architecture)
      if isSmall(architecture) { checkPasses(architecture) }
    } catch {
      require(!"\(error)".isEmpty && !error.problem.isEmpty, "an error without a text")
    }
  }

  private static func checkLayout(_ architecture: Architecture) {
    let layout = architecture.layout
    var end = 0
    for tensor in layout.tensors {
      require(tensor.offset == end && tensor.count > 0, "'\(tensor.name)' does not follow the one before it")
      end = tensor.range.upperBound
    }
    require(end == layout.count && layout.count > 0, "the tensors are not all parameters")
    require(layout.paddedCount % 16 == 0 && layout.paddedCount - layout.count < 16, "the layout is padded to vectors")
    require(Set(layout.tensors.map(\.name)).count == layout.tensors.count, "two tensors have one name")
    require(architecture.multiplyAccumulatesPerSample >= 0, "a network's work is a number")
    require((2...1024).contains(architecture.classes), "the classes are some")
  }

  private static func checkRoundTrip(_ architecture: Architecture) {
    guard let text = try? ExactJSON.encoder().encode(architecture) else {
      return require(false, "a network is not encoded")
    }
    do throws(ArchitectureError) {
      let again = try Architecture(json: Array(text))
      require(again == architecture && again.layout == architecture.layout, "encoded and decoded again it is another")
      require((try? ExactJSON.encoder().encode(again)) == text, "encoded again it has another text")
    } catch { require(false, "what was encoded is not decoded: \(error)") }
  }

  private static func isSmall(_ architecture: Architecture) -> Bool {
    let numbers = architecture.stages.reduce(architecture.input.count) { $0 + $1.output.count }
    return architecture.layout.count < limits.parameters && numbers <= limits.numbers
      && architecture.multiplyAccumulatesPerSample <= limits.work && greatest(architecture.keras) <= limits.number
  }

  private static func greatest(_ value: ConfigurationValue) -> Int {
    switch value {
    case .integer(let number): number
    case .array(let elements): elements.map(greatest).max() ?? 0
    case .object(let members): members.values.map(greatest).max() ?? 0
    default: 0
    }
  }

  private static func checkPasses(_ architecture: Architecture) {
    let parameters = architecture.initialParameters(seed: 1)
    require(parameters.count == architecture.layout.paddedCount, "there is a value for each parameter")
    let first = passes(architecture, parameters)
    let again = passes(architecture, parameters)
    require(same(first.training, again.training), "computed again, a network gives other probabilities")
    require(same(first.gradient, again.gradient), "computed again, a network gives another gradient")
    require(same(first.inference, again.inference), "computed again, inference gives other probabilities")
    require(
      first.hasDropout || same(first.training, first.inference), "inference gives other probabilities than training")
  }

  /// One not-a-number may have other bits than another.
  private static func same(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }
  }

  /// What a micro-batch without its last sample gives: the probabilities for training and for inference, and the gradient.
  private struct Passes {
    var training: [Float], inference: [Float], gradient: [Float]
    var hasDropout: Bool
  }

  private static func passes(_ architecture: Architecture, _ parameters: [Float]) -> Passes {
    let preprocessing: Preprocessing = architecture.rescalesPixels ? .raw : .unit
    let training = Network(training: architecture, preprocessing: preprocessing)
    let inference = Network(inference: architecture, samples: 12, preprocessing: preprocessing)
    let labels = (0..<training.samples - 1).map { UInt16($0 * 7 % architecture.classes) }
    var gradient = [Float](repeating: 0, count: architecture.layout.paddedCount)
    return labels.withUnsafeBufferPointer { labels in
      let probabilities = [training, inference].map { forward($0, parameters, labels) }
      training.backward(labels: labels, into: &gradient)
      return Passes(
        training: probabilities[0], inference: probabilities[1], gradient: gradient,
        hasDropout: !training.masks.isEmpty)
    }
  }

  private static func forward(
    _ network: Network, _ parameters: [Float], _ labels: UnsafeBufferPointer<UInt16>
  ) -> [Float] {
    network.pack(parameters)
    for sample in labels.indices {
      let pixels = (0..<network.architecture.input.count).map { UInt8(truncatingIfNeeded: ($0 + sample) &* 167 >> 3) }
      network.load(pixels, sample: sample)
      network.drawMasks(seed: 1, epoch: 0, row: sample, sample: sample)
    }
    var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: labels.count)
    network.forward(labels: labels, results: &results)
    let classes = Int32(network.architecture.classes)
    require(results.allSatisfy { (0..<classes).contains($0.prediction) }, "a prediction is a class")
    return labels.indices.flatMap { network.probabilities(sample: $0) }
  }
}
