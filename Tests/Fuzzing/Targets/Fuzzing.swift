/// libFuzzer's entry. One program holds all targets: the name by which it is called says which.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  target.test(UnsafeBufferPointer(start: data, count: size))
  return 0
}

private let target: Target = {
  let name = CommandLine.arguments[0].split(separator: "/").last.map(String.init) ?? ""
  guard let target = Target(rawValue: name) else { fatalError("there is no target '\(name)'") }
  return target
}()

/// What is fuzzed, and controls that must fail. Each states its properties where it is implemented; an input that breaks one ends the program.
enum Target: String {
  case csv
  case csvRows = "csv-rows"
  case idx, npy, zip, gzip
  case packed
  case safetensors
  case model
  case hdf5
  case checkpoint
  case architecture
  case layers
  case png
  case jpeg
  case imageList = "image-list"
  case http
  case httpBody = "http-body"
  case runFile = "run-file"
  case plantedFault = "planted-fault"
  case plantedAllocation = "planted-allocation"

  func test(_ input: UnsafeBufferPointer<UInt8>) {
    switch self {
    case .csv: CSVTarget.test(file: Array(input))
    case .csvRows: CSVTarget.test(file: CSVTarget.expanded(input))
    case .idx, .npy, .zip, .gzip: RowFileTarget.test(file: Array(input))
    case .packed: RowFileTarget.test(contents: Array(input))
    case .safetensors: SafetensorsTarget.test(file: Array(input))
    case .model: ModelTarget.test(header: input)
    case .hdf5: HDF5Target.test(file: Array(input))
    case .checkpoint: CheckpointTarget.test(header: input)
    case .architecture: ArchitectureTarget.test(json: Array(input))
    case .layers: ArchitectureTarget.test(notation: Array(input))
    case .png: PictureTarget.test(png: Array(input))
    case .jpeg: PictureTarget.test(jpeg: Array(input))
    case .imageList: ImageListTarget.test(Array(input))
    case .http: RequestTarget.test(connection: Array(input))
    case .httpBody: RequestTarget.test(body: Array(input))
    case .runFile: RunFileTarget.test(Array(input))
    case .plantedFault: Planted.fault(Array(input))
    case .plantedAllocation: Planted.allocation(Array(input))
    }
  }
}

/// Ends the program, as libFuzzer wants it, if a property does not hold.
func require(_ condition: Bool, _ property: @autoclosure () -> String) {
  if !condition { fatalError(property()) }
}
