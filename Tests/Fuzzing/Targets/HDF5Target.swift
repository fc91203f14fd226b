import ModelFiles
import NeuralNet
import Platform

/// The reader of Keras' HDF5 files. For any bytes of a file, as weights of a small network:
///
/// 1. They are that network's weights or those of the network that the file describes, or the error is one that a user understands and
///    names the file. Nothing else ends the reading.
/// 2. The same file gives the same parameters again, all finite.
/// 3. It asks the heap for no more than 64 times the file and the fixed amount below, whatever sizes the file claims; where the file may
///    describe a network, for what reading that takes besides.
enum HDF5Target {
  /// Parts that are read again, up to the reader's own limit of 4 MiB, and what is made of them.
  private static let fixed = 16 << 20, perByte = 64

  private static let network: Architecture = {
    do throws(ArchitectureError) {
      return try Architecture(input: [4]) {
        Dense(3, activation: .tanh)
        Dense(2, activation: .softmax)
      }
    } catch { fatalError("the small network is none: \(error)") }
  }()

  static func test(file bytes: [UInt8]) {
    MemoryFile.shared.put(bytes)
    let path = MemoryFile.shared.path
    let limit = perByte + ArchitectureTarget.perByte
    let read = {
      Allocations.limited(inputBytes: bytes.count, fixed: fixed, perByte: limit, "reading weights") {
        Result { try ModelFile(hdf5Path: path, network: network) }
      }
    }
    do {
      let model = try read().get()
      require(model.parameters.allSatisfy(\.isFinite), "a parameter is not finite")
      require((try? read().get())?.parameters == model.parameters, "the second reading is another")
    } catch let error as any UserError {
      require("\(error)".contains(path), "the error does not name the file: \(error)")
    } catch {
      fatalError("an error that is not the file's: \(error)")
    }
  }
}
