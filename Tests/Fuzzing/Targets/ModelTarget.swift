import ModelFiles
import NeuralNet

/// The reader of model files. The input is the header's text alone; as many bytes of data follow as its greatest number
/// says, so that inputs stay small. For any header:
///
/// 1. Where the file is a model of its network's names in F32, each parameter has the bits that the file has for it, and the
///    metadata is the file's without the network's description.
/// 2. Where it is none, the error names the file.
/// 3. It asks the heap for no more than 10 times the file, and the fixed amount below; where the header may describe a network,
///    for what reading that takes besides.
enum ModelTarget {
  /// What the safetensors reader may have, and what it takes to look for the network's tensors by the names that other programs give them.
  private static let fixed = SafetensorsTarget.fixed + 32 << 10

  static func test(header: UnsafeBufferPointer<UInt8>) {
    let bytes =
      withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + CheckpointTarget.data(of: header)
    let path = MemoryFile.shared.path
    MemoryFile.shared.put(bytes)
    let description = ArchitectureTarget.perByte * header.count
    do {
      let model = Allocations.limited(inputBytes: bytes.count, fixed: fixed + description, "reading a model") {
        Result { try ModelFile(path: path) }
      }
      check(try model.get(), bytes)
    } catch let error as SafetensorsError {
      require(error.file == path, "the error does not name the file: \(error)")
      SafetensorsTarget.check(error, bytes)
    } catch {
      fatalError("an error that is not the file's: \(error)")
    }
  }

  private static func check(_ model: ModelFile, _ bytes: [UInt8]) {
    let layout = model.architecture.layout
    // A model may have tensors of types that are not read, and other names for the network's.
    guard let file = try? TensorFile(bytes: bytes),
      layout.tensors.allSatisfy({ file[$0.name]?.values.typeName == "F32" })
    else { return }
    PlainHeader(of: bytes).compare(with: file, bytes)
    require(
      model.metadata == file.metadata.filter { $0.key != "architecture" }, "the metadata is the file's")
    for tensor in layout.tensors {
      let values = TensorValues.float32(Array(model.parameters[tensor.range]))
      require(values.bytes == file[tensor.name]?.values.bytes, "'\(tensor.name)' is not what the file has")
    }
    let padding = model.parameters[layout.count...]
    require(padding.allSatisfy { $0.bitPattern == 0 }, "the padding is not zero")
  }
}
