import ModelExchange
import ModelFiles
import NeuralNet
import Testing

/// What is in Keras' files; whether Keras reads them, Tests/System/test_keras_files.py asks it.
@Suite struct KerasTests {
  /// The members of an archive that stores them one after the other.
  private func members(_ archive: [UInt8]) -> [(name: String, contents: [UInt8])] {
    func number(_ at: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(archive[at + $1]) << (8 * $1) } }
    var (found, at): ([(name: String, contents: [UInt8])], Int) = ([], 0)
    while number(at, 4) == 0x0403_4B50 {
      let (size, name) = (number(at + 22, 4), number(at + 26, 2))
      let start = at + 30 + name
      found.append((String(decoding: archive[at + 30..<start], as: UTF8.self), Array(archive[start..<start + size])))
      at = start + size
    }
    return found
  }

  private func read(_ archive: [UInt8]) throws -> ModelFile {
    let members = members(archive)
    #expect(members.map(\.name) == ["metadata.json", "config.json", "model.weights.h5"])
    return try ModelFile(kerasConfiguration: members[1].contents, metadata: members[0].contents, path: "a.keras") {
      limit in
      #expect(members[2].contents.count <= limit)
      return members[2].contents
    }
  }

  @Test(arguments: Preprocessing.allCases, [false, true])
  func `The archive is the model again, without the layers that prepare its pictures`(
    preprocessing: Preprocessing, inverts: Bool
  ) throws {
    let network =
      try preprocessing == .raw
      ? Architecture(input: [4, 4]) {
        Rescaling(0.5)
        LSTM(3)
        Dense(2)
      } : .signLanguageMNIST()
    let model = countingModel(network, preprocessing: preprocessing, inverts: inverts)
    let again = try read(model.keras())
    #expect(again.architecture == network)
    #expect(again.parameters == model.parameters)
    #expect(again.preprocessing == preprocessing)
    #expect(again.metadata[ModelFile.checksumKey] == model.checksum)
  }

  @Test func `Equal models make equal bytes`() throws {
    let model = countingModel(.signLanguageMNIST(), preprocessing: .standardized)
    #expect(try model.keras() == model.keras())
    #expect(try model.kerasWeights() == model.kerasWeights())
    #expect(try model.kerasWeights().starts(with: [0x89, 0x48, 0x44, 0x46]))
  }

  @Test func `A layer that has the name of one that prepares pictures keeps it`() throws {
    let network = try Architecture(name: "n", input: [4], layers: [("pixels_to_unit", Dense(2))])
    let again = try read(countingModel(network).keras())
    #expect(again.architecture == network)
  }

  @Test func `Layers that are not the noted ones are refused`() throws {
    let members = members(try countingModel(.signLanguageMNIST()).keras())
    let other = String(decoding: members[1].contents, as: UTF8.self).replacing(
      "\"scale\":0.00392156862745098", with: "\"scale\":0.5")
    #expect(throws: SafetensorsError.self) {
      try ModelFile(kerasConfiguration: Array(other.utf8), metadata: members[0].contents, path: "a.keras") { _ in
        members[2].contents
      }
    }
  }
}
