import NeuralNet
import Platform

/// A checkpoint: all that a run needs to resume, as a safetensors file that other programs can open.
///
/// A vector `V` in the network's layout is stored as one tensor per parameter tensor: `V/lstm/kernel` and so on. The
/// scalars and the run's identity are JSON texts in the metadata, which this module does not interpret. The last tensor,
/// and thus the file's last 32 bytes, is the SHA-256 of all bytes before it, so a damaged file is always detected.
public struct Checkpoint: Equatable, Sendable {
  /// A vector in the network's layout: the parameters, a moment, ...
  public struct Vector: Equatable, Sendable {
    /// The name, e.g. `adam/moment1`.
    public var name: String
    /// The layout's `paddedCount` numbers; the padding after the last parameter is zero.
    public var values: [Float]

    /// A vector with this name.
    public init(name: String, values: [Float]) {
      self.name = name
      self.values = values
    }
  }

  /// The version of the program that wrote it.
  public var programVersion: String
  /// The run's identity, in JSON: only a run with the same identity may resume from this checkpoint.
  public var identity: String
  /// The scalars of the run's state, in JSON.
  public var state: String
  /// The network.
  public var architecture: Architecture
  /// The vectors in its layout; their names are unique.
  public var vectors: [Vector]

  /// A checkpoint with these contents.
  public init(
    programVersion: String, identity: String, state: String, architecture: Architecture, vectors: [Vector]
  ) {
    precondition(
      vectors.allSatisfy { $0.values.count == architecture.layout.paddedCount }, "vectors have the layout's length")
    self.programVersion = programVersion
    self.identity = identity
    self.state = state
    self.architecture = architecture
    self.vectors = vectors
  }
}

/// Why a checkpoint cannot be read.
public enum CheckpointError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The bytes are not a complete safetensors file.
  case tensors(SafetensorsError.Reason)
  /// A safetensors file, but not a checkpoint.
  case notACheckpoint(missing: String)
  /// Another version of the checkpoint format.
  case unknownFormat(String)
  /// The checksum does not match: the file is damaged.
  case checksum
  /// The contents are not those of a checkpoint; with the details.
  case malformed(String)

  /// What is wrong, to follow the file's name.
  public var description: String {
    switch self {
    case .tensors(let reason): Self.text(reason)
    case .notACheckpoint(let missing): "is not a checkpoint: it has no \(missing)"
    case .unknownFormat(let version):
      "has format version \(foreign(version, limit: 64)); this program reads version \(Checkpoint.formatVersion)"
    case .checksum: "is damaged: its checksum does not match its contents"
    case .malformed(let what): "is damaged: \(foreign(what, limit: 512))"
    }
  }

  /// Reasons that speak of a part of the file need a verb for the file itself.
  private static func text(_ reason: SafetensorsError.Reason) -> String {
    let text = "\(reason)"
    return text.hasPrefix("is ") || text.hasPrefix("has ") ? text : "is damaged: \(text)"
  }
}

extension Checkpoint {
  static let formatVersion = "3"
  private static let format = "fingerspell checkpoint"
  private static let checksumName = "sha256"
  private static let checksumCount = 32

  /// The file's bytes: equal for equal checkpoints.
  public func encoded() -> [UInt8] {
    var tensors: [Tensor] = []
    for vector in vectors {
      tensors += architecture.layout.tensors.map { tensor in
        Tensor(name: "\(vector.name)/\(tensor.name)", shape: tensor.shape, values: Array(vector.values[tensor.range]))
      }
    }
    // Tensors are ordered by decreasing element size, so this one is the file's last.
    let zeros = [UInt8](repeating: 0, count: Self.checksumCount)
    tensors.append(Tensor(name: Self.checksumName, shape: [Self.checksumCount], values: .uint8(zeros)))
    let metadata = [
      "format": Self.format, "format_version": Self.formatVersion, "version": programVersion, "identity": identity,
      "state": state, ArchitectureText.key: ArchitectureText.encode(architecture),
    ]
    var bytes = TensorFile(tensors: tensors, metadata: metadata).encoded()
    let end = bytes.count - Self.checksumCount
    bytes.replaceSubrange(end..., with: SHA256Digest(of: bytes[..<end]).bytes)
    return bytes
  }

  /// Decodes a checkpoint. Memory use is bounded by a small multiple of the number of bytes, whatever they are.
  public init(bytes: [UInt8]) throws(CheckpointError) {
    let file: TensorFile
    do throws(SafetensorsError) { file = try TensorFile(bytes: bytes) } catch { throw .tensors(error.reason) }
    func text(_ key: String) throws(CheckpointError) -> String {
      guard let text = file.metadata[key] else { throw .notACheckpoint(missing: "'\(key)' in its metadata") }
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
    architecture = try Self.architecture(file.metadata)
    vectors = try Self.vectors(file.tensors.dropLast(), in: architecture.layout)
  }

  /// The maximum length of a checkpoint's header in bytes: the state in it grows by some hundred bytes per epoch.
  private static let headerLimit = 1 << 24

  /// The maximum number of vectors in a checkpoint: several times those of any optimizer.
  private static let vectorLimit = 64

  /// The network of a checkpoint; one of an earlier version does not say it, and has that for Sign Language MNIST.
  private static func architecture(_ metadata: [String: String]) throws(CheckpointError) -> Architecture {
    do throws(ArchitectureError) { return try ArchitectureText.decode(metadata) ?? .signLanguageMNIST() } catch {
      throw .malformed("its network cannot be used: \(error)")
    }
  }

  /// The maximum size of a checkpoint of a network in bytes.
  static func sizeLimit(_ architecture: Architecture) -> Int {
    headerLimit + vectorLimit * architecture.layout.count * MemoryLayout<Float>.stride
  }

  /// Whether a file's metadata mark it as a checkpoint; false if it is not a safetensors file.
  public static func isCheckpoint(path: String) throws -> Bool {
    do {
      return try SafetensorsFile.open(path, headerLimit: headerLimit).header.metadata["format"] == format
    } catch is SafetensorsError {
      return false
    }
  }

  /// Reads a checkpoint file. A file that is larger than any checkpoint is not read at all, whatever its header says.
  public init(path: String) throws(CheckpointError) {
    do {
      let size = try OpenFile.reading(path).size()
      let header = try SafetensorsFile.open(path, headerLimit: Self.headerLimit).header
      let limit = Self.sizeLimit(try Self.architecture(header.metadata))
      guard size <= limit else {
        throw CheckpointError.malformed("it has \(size) bytes, but a checkpoint of its network has at most \(limit)")
      }
      try self.init(bytes: FileBytes.read(path))
    } catch let error as CheckpointError {
      throw error
    } catch let error as SafetensorsError {
      throw .tensors(error.reason)
    } catch {
      throw .malformed("\(error)")
    }
  }

  /// Assembles vectors from tensors: those of one vector are consecutive and in the layout's order, as they are written.
  private static func vectors(
    _ tensors: ArraySlice<Tensor>, in layout: ParameterLayout
  ) throws(CheckpointError) -> [Vector] {
    var vectors: [Vector] = []
    var rest = tensors
    while let first = rest.first {
      let ending = "/" + layout.tensors[0].name
      guard first.name.hasSuffix(ending) else { throw .malformed("unexpected tensor '\(first.name)'") }
      let name = String(first.name.dropLast(ending.count))
      guard !vectors.contains(where: { $0.name == name }) else { throw .malformed("'\(name)' occurs twice") }
      // What the network claims is not laid out before the tensors are there.
      var parts: [(range: Range<Int>, numbers: [Float])] = []
      for expected in layout.tensors {
        guard let tensor = rest.popFirst(), tensor.name == "\(name)/\(expected.name)", tensor.shape == expected.shape,
          case .float32(let numbers) = tensor.values
        else { throw .malformed("'\(name)/\(expected.name)' is missing or has another shape or type") }
        parts.append((expected.range, numbers))
      }
      var values = [Float](repeating: 0, count: layout.paddedCount)
      for (range, numbers) in parts { values.replaceSubrange(range, with: numbers) }
      vectors.append(Vector(name: name, values: values))
    }
    return vectors
  }
}
