import NeuralNet
import Platform

/// What an interrupted run needs to continue, as a file: a safetensors file whose tensors other programs can open.
///
/// A vector `V` of the network's layout is stored tensor by tensor, as `V/lstm/kernel` and so on. The scalars, and what the
/// run is, are JSON texts in the metadata; what they say is their owner's business. The last tensor, and so the file's last
/// 32 bytes, is the SHA-256 of all bytes before it: no damaged file is taken for a whole one.
public struct Checkpoint: Equatable, Sendable {
  /// Numbers in the network's layout: the parameters, a moment, ...
  public struct Vector: Equatable, Sendable {
    /// The name, e.g. `adam/moment1`.
    public var name: String
    /// `NetworkDefinition.layout.paddedCount` numbers; those after the last parameter are zero.
    public var values: [Float]

    /// A vector of that name.
    public init(name: String, values: [Float]) {
      precondition(values.count == NetworkDefinition.layout.paddedCount, "\(name) has not the layout's length")
      self.name = name
      self.values = values
    }
  }

  /// The version of the program that wrote it.
  public var programVersion: String
  /// What the run is, in JSON: only a run of the same identity may continue from here.
  public var identity: String
  /// The scalars of the run's state, in JSON.
  public var state: String
  /// The vectors, under different names.
  public var vectors: [Vector]

  /// A checkpoint of these parts.
  public init(programVersion: String, identity: String, state: String, vectors: [Vector]) {
    self.programVersion = programVersion
    self.identity = identity
    self.state = state
    self.vectors = vectors
  }
}

/// Why bytes are no checkpoint that can be used.
public enum CheckpointError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// Bad data.
  public var failureKind: FailureKind { .data }

  /// The bytes are no whole safetensors file.
  case tensors(SafetensorsError.Reason)
  /// A safetensors file, but not one of these.
  case notACheckpoint(missing: String)
  /// A later form of checkpoints.
  case unknownFormat(String)
  /// The bytes are not those that were written.
  case checksum
  /// A part is not what it should be.
  case malformed(String)

  /// What is wrong, as the rest of a sentence that begins with the file's name.
  public var description: String {
    switch self {
    case .tensors(let reason): "\(reason)"
    case .notACheckpoint(let missing): "is no checkpoint: it has no \(missing)"
    case .unknownFormat(let version):
      "has the format \(foreign(version, limit: 64)); this program reads \(Checkpoint.formatVersion)"
    case .checksum: "is damaged: its checksum is not that of its contents"
    case .malformed(let what): "is damaged: \(foreign(what, limit: 512))"
    }
  }
}

extension Checkpoint {
  static let formatVersion = "2"
  private static let format = "fingerspell checkpoint"
  private static let checksumName = "sha256"
  private static let checksumCount = 32

  /// The file's bytes: the same for equal checkpoints.
  public func encoded() -> [UInt8] {
    var tensors: [Tensor] = []
    for vector in vectors {
      tensors += NetworkDefinition.layout.tensors.map { tensor in
        Tensor(name: "\(vector.name)/\(tensor.name)", shape: tensor.shape, values: Array(vector.values[tensor.range]))
      }
    }
    // Bytes come after all larger elements, so this tensor is the file's last.
    let room = [UInt8](repeating: 0, count: Self.checksumCount)
    tensors.append(Tensor(name: Self.checksumName, shape: [Self.checksumCount], values: .uint8(room)))
    let metadata = [
      "format": Self.format, "format_version": Self.formatVersion, "version": programVersion, "identity": identity,
      "state": state,
    ]
    var bytes = TensorFile(tensors: tensors, metadata: metadata).encoded()
    let end = bytes.count - Self.checksumCount
    bytes.replaceSubrange(end..., with: SHA256Digest(of: bytes[..<end]).bytes)
    return bytes
  }

  /// Reads a checkpoint's bytes. Any bytes give a checkpoint or an error, and what is allocated is bounded by a small
  /// multiple of them.
  public init(bytes: [UInt8]) throws(CheckpointError) {
    let file: TensorFile
    do throws(SafetensorsError) { file = try TensorFile(bytes: bytes) } catch { throw .tensors(error.reason) }
    func text(_ key: String) throws(CheckpointError) -> String {
      guard let text = file.metadata[key] else { throw .notACheckpoint(missing: "'\(key)' among its metadata") }
      return text
    }
    guard try text("format") == Self.format else { throw .notACheckpoint(missing: "format '\(Self.format)'") }
    let version = try text("format_version")
    guard version == Self.formatVersion else { throw .unknownFormat(version) }
    guard let last = file.tensors.last, last.name == Self.checksumName, case .uint8(let sum) = last.values else {
      throw .notACheckpoint(missing: "checksum at its end")
    }
    guard sum == SHA256Digest(of: bytes.dropLast(Self.checksumCount)).bytes else { throw .checksum }
    programVersion = try text("version")
    identity = try text("identity")
    state = try text("state")
    vectors = try Self.vectors(file.tensors.dropLast())
  }

  /// The longest header of a checkpoint that is read: the state in it grows by some hundred bytes an epoch.
  private static let headerLimit = 1 << 24

  /// As many vectors as a checkpoint's file may have: several times those of any optimizer.
  private static let vectorLimit = 64

  /// The most bytes that a checkpoint's file may have.
  private static let sizeLimit =
    headerLimit + vectorLimit * NetworkDefinition.layout.count * MemoryLayout<Float>.stride

  /// Whether a file says that it is a checkpoint. A file that is no safetensors file is none.
  public static func isCheckpoint(path: String) throws -> Bool {
    do {
      return try SafetensorsFile.open(path, headerLimit: headerLimit).header.metadata["format"] == format
    } catch is SafetensorsError {
      return false
    }
  }

  /// Reads a checkpoint's file. One that is larger than any checkpoint is not read at all, whatever its header says.
  public init(path: String) throws(CheckpointError) {
    do {
      let size = try FileDescriptor.reading(path).size()
      guard size <= Self.sizeLimit else {
        throw CheckpointError.malformed("it has \(size) bytes, and no checkpoint has more than \(Self.sizeLimit)")
      }
      try self.init(bytes: FileBytes.read(path))
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw .malformed("\(error)")
    }
  }

  /// The vectors that tensors make up: those of a vector follow one another in the layout's order, as they are written.
  private static func vectors(_ tensors: ArraySlice<Tensor>) throws(CheckpointError) -> [Vector] {
    let layout = NetworkDefinition.layout
    var vectors: [Vector] = []
    var rest = tensors
    while let first = rest.first {
      let ending = "/" + layout.tensors[0].name
      guard first.name.hasSuffix(ending) else { throw .malformed("the tensor '\(first.name)' has no place here") }
      let name = String(first.name.dropLast(ending.count))
      guard !vectors.contains(where: { $0.name == name }) else { throw .malformed("'\(name)' is there twice") }
      var values = [Float](repeating: 0, count: layout.paddedCount)
      for expected in layout.tensors {
        guard let tensor = rest.popFirst(), tensor.name == "\(name)/\(expected.name)", tensor.shape == expected.shape,
          case .float32(let numbers) = tensor.values
        else { throw .malformed("'\(name)/\(expected.name)' is missing or has another shape or type") }
        values.replaceSubrange(expected.range, with: numbers)
      }
      vectors.append(Vector(name: name, values: values))
    }
    return vectors
  }
}
