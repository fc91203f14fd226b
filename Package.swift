// swift-tools-version: 6.2
import PackageDescription

// Needs Linux, pkg-config files of an MPI library (libopenmpi-dev or libmpich-dev) and of OpenSSL (libssl-dev), and headers and
// archives of libpng, zlib, libjpeg-turbo and HDF5 (libpng-dev, zlib1g-dev, libjpeg-dev, libhdf5-dev).

/// The CPU that the code is generated for: `native` (this machine) unless FINGERSPELL_CPU names another, e.g. `x86-64-v3`.
let cpu = Context.environment["FINGERSPELL_CPU"] ?? "native"

/// The MPI library, by the implementation's name: `openmpi` (the default) or `mpich`.
let mpi = Context.environment["MPI_IMPLEMENTATION"] ?? "openmpi"
let mpiPackageConfig = ["openmpi": "ompi-c", "mpich": "mpich"][mpi] ?? mpi

#if arch(x86_64)
  let cpuFlag = "-march=\(cpu)"
#else
  let cpuFlag = "-mcpu=\(cpu)"
#endif

// Swift's code generation follows the C importer's target CPU; without this flag every fused multiply-add is a library call.
let settings: [SwiftSetting] =
  [.unsafeFlags(["-Xcc", cpuFlag])]
  + (Context.environment["FINGERSPELL_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// Unoptimised vector code is hundreds of times slower, so the mathematics is optimised in a debug build too.
let optimized = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Libraries that become a part of the program, so that the hosts of a run need not have them; with FINGERSPELL_LINK=shared the shared
/// ones, for a distribution that has no archives.
func archives(_ names: [String]) -> [LinkerSetting] {
  let isShared = Context.environment["FINGERSPELL_LINK"] == "shared"
  return names.map { .linkedLibrary(isShared ? $0 : ":lib\($0).a") }
}

let atomics = Target.Dependency.product(name: "Atomics", package: "swift-atomics")

/// A module in a folder of Sources/.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], in folder: String? = nil,
  settings own: [SwiftSetting]? = nil, linking libraries: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/" + (folder.map { "\($0)/" } ?? "") + name,
    swiftSettings: own ?? settings, linkerSettings: libraries)
}

/// A module that only tests use, in a folder of Tests/Support.
func support(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/Support/\(name)", swiftSettings: settings)
}

/// The unit tests of the module whose name the target begins with.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestTags"], swiftSettings: settings)
}

let package = Package(
  name: "fingerspell",
  products: [
    .executable(name: "fingerspell", targets: ["CommandLineTool"]),
    // Training from Swift, on threads; and workers as MPI ranks, for training or anything else.
    .library(name: "Fingerspell", targets: ["Fingerspell"]),
    .library(name: "MPICommunication", targets: ["MPICommunication", "Communication"]),
    // For the package in Benchmarks/ alone.
    .library(name: "BenchmarkedKernels", targets: ["Kernels", "ReferenceKernels"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    // C: the system's libraries, and the only C code that sees mpi.h.
    .systemLibrary(
      name: "CMPI", path: "Sources/C/CMPI", pkgConfig: mpiPackageConfig,
      providers: [.apt([mpi == "mpich" ? "libmpich-dev" : "libopenmpi-dev"])]),
    .target(name: "CMPIShims", dependencies: ["CMPI"], path: "Sources/C/CMPIShims"),
    .systemLibrary(
      name: "CCrypto", path: "Sources/C/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(
      name: "CImageCodecs", path: "Sources/C/CImageCodecs",
      linkerSettings: archives(["png16", "z", "jpeg"]) + [.linkedLibrary("m")]),
    .systemLibrary(name: "CZlib", path: "Sources/C/CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CTargetCPU", path: "Sources/C/CTargetCPU", cSettings: [.unsafeFlags([cpuFlag])]),

    // The machine: files, processes, checksums.
    module("Platform", ["CCrypto", .product(name: "SystemPackage", package: "swift-system")]),

    // Mathematics: kernels over unsafe buffers, the network and the optimizers made of them. Knows nothing of workers.
    module("Kernels", ["CTargetCPU"], settings: optimized),
    module("NeuralNet", ["Kernels"], settings: optimized),
    module("Optimizers", ["Kernels"], settings: optimized),

    // Rows: where they come from, and what is made of them before the network sees them.
    module("Datasets", ["Platform", "Kernels", "CZlib"], settings: optimized, linking: archives(["z"])),
    module("Transforms", ["Datasets", "Kernels"], settings: optimized),
    module("ImageFiles", ["Platform", "Datasets", "CImageCodecs"], settings: optimized),

    // workers: how they join, sum their gradients, and fail. Knows nothing of training.
    module("Monitoring", ["Platform", atomics]),
    module("Communication", ["Platform", "Monitoring", atomics]),
    module("MPICommunication", ["Platform", "Monitoring", "Communication", "CMPIShims"]),
    module("Reduction", ["Communication"], settings: optimized),

    // Training joins rows, mathematics and workers. Runs keep what it finds, as files.
    module("ModelFiles", ["Platform", "NeuralNet", "CZlib"], linking: archives(["z"])),
    module(
      "Training",
      [
        "Platform", "Kernels", "NeuralNet", "Optimizers", "Datasets", "Transforms", "Monitoring", "Communication",
        "Reduction",
      ]),
    module("ProtocolBuffers"),
    module("EventFiles", ["ProtocolBuffers"]),
    module(
      "Runs",
      ["Platform", "Kernels", "NeuralNet", "ModelFiles", "Datasets", "Communication", "Training", "EventFiles"]),

    // What others open: models of other tools, and pages to look at.
    .target(
      name: "CHDF5", path: "Sources/C/CHDF5",
      linkerSettings: archives(["hdf5_serial", "sz", "aec", "z"])),
    module("ModelExchange", ["Platform", "NeuralNet", "Datasets", "ModelFiles", "ProtocolBuffers", "CHDF5"]),
    .target(name: "CPageAssets", path: "Sources/C/CPageAssets", exclude: ["assets"]),
    module(
      "Pages",
      ["Platform", "NeuralNet", "Datasets", "ImageFiles", "Training", "Runs", "ModelExchange", "CPageAssets"]),

    module("Predictions", ["Platform", "NeuralNet", "Datasets", "ImageFiles", "Training", "Runs"]),

    // A model over HTTP.
    module("Serving", ["Platform", "NeuralNet", "Datasets", "ImageFiles", "Runs", "Predictions"]),

    // One import for programs that train.
    module(
      "Fingerspell",
      [
        "Platform", "NeuralNet", "Optimizers", "Datasets", "Transforms", "ImageFiles", "Communication", "ModelFiles",
        "Training", "Runs",
      ]),

    // What looks at a machine, a layout, a failure or the speed: doctor, prove, chaos, benchmark.
    module("Checkup", ["Platform", "Datasets", "Communication", "Training"], in: "Tools"),
    module("Reproducibility", ["Platform", "Datasets", "Communication", "Training"], in: "Tools"),
    module(
      "FaultInjection", ["Platform", "Kernels", "ModelFiles", "Reproducibility"], in: "Tools"),
    module(
      "Benchmarking",
      ["Platform", "Kernels", "NeuralNet", "Optimizers", "Datasets", "Communication", "Reduction", "Training"],
      in: "Tools"),

    .executableTarget(
      name: "CommandLineTool",
      dependencies: [
        "Platform", "Kernels", "NeuralNet", "Optimizers", "Datasets", "Transforms", "ImageFiles", "Monitoring",
        "Communication",
        "MPICommunication", "ModelFiles", "Training", "Runs", "Checkup", "Reproducibility", "FaultInjection",
        "Benchmarking", "ModelExchange", "Pages", "Predictions", "Serving",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: settings),

    // Test support: golden values from Keras, the network written down plainly in double precision, scalar kernels.
    support("TestTags"),
    support("GoldenValues"),
    support("ReferenceNetwork"),
    .target(
      name: "ReferenceKernels", path: "Tests/Support/ReferenceKernels", swiftSettings: optimized),
    support("TestFiles"),
    support("TrainingFixtures", ["Training", "Transforms"]),
    support("CommunicatorContract", ["Communication"]),
    .target(name: "AllocationCounter", path: "Tests/Support/AllocationCounter"),
    .target(name: "MutexAnnotations", path: "Tests/Support/MutexAnnotations"),

    tests("PlatformTests", ["Platform", "TestFiles"]),
    tests("KernelsTests", ["Kernels", "ReferenceKernels"]),
    tests("GoldenValuesTests", ["GoldenValues"]),
    tests("ReferenceNetworkTests", ["ReferenceNetwork", "GoldenValues"]),
    tests(
      "NeuralNetTests", ["NeuralNet", "Optimizers", "Kernels", "GoldenValues", "ReferenceNetwork", "ReferenceKernels"]),
    tests("OptimizersTests", ["Optimizers", "Kernels", "GoldenValues"]),
    tests("DatasetsTests", ["Datasets", "Kernels", "Platform", "CZlib", "TestFiles"]),
    tests("TransformsTests", ["Transforms", "Datasets", "Kernels", "TestFiles"]),
    tests("ImageFilesTests", ["ImageFiles", "Datasets", "Platform", "TestFiles"]),
    tests("MonitoringTests", ["Monitoring", "Communication", "Platform", "MutexAnnotations"]),
    tests("CommunicationTests", ["Communication", "Platform", "CommunicatorContract", "MutexAnnotations"]),
    tests("MPICommunicationTests", ["MPICommunication"]),
    tests("ReductionTests", ["Reduction", "Communication"]),
    tests("ProtocolBuffersTests", ["ProtocolBuffers"]),
    tests("ServingTests", ["Serving", "Datasets"]),
    tests(
      "PagesTests", ["Pages", "ModelExchange", "NeuralNet", "Runs", "Training", "Datasets", "Platform", "TestFiles"]),
    tests("EventFilesTests", ["EventFiles"]),
    tests(
      "PredictionsTests", ["Predictions", "Runs", "ModelFiles", "NeuralNet", "Datasets", "ImageFiles", "TestFiles"]),
    tests("ModelFilesTests", ["ModelFiles", "NeuralNet", "Platform", "TestFiles"]),
    tests("ModelExchangeTests", ["ModelExchange", "ModelFiles", "NeuralNet", "GoldenValues"]),
    tests(
      "TrainingTests",
      [
        "Training", "Optimizers", "Reduction", "Platform", "Communication", "NeuralNet", "Datasets", "Transforms",
        "GoldenValues", "TestFiles", "TrainingFixtures", "AllocationCounter", "MutexAnnotations",
      ]),
    tests(
      "RunsTests",
      [
        "Runs", "Training", "Optimizers", "ModelFiles", "Platform", "Communication", "NeuralNet", "Datasets",
        "GoldenValues", "TestFiles", "TrainingFixtures", "MutexAnnotations",
      ]),
    tests(
      "ToolsTests",
      [
        "Checkup", "Reproducibility", "FaultInjection", "Benchmarking", "Communication", "Platform", "Kernels",
        "NeuralNet", "Datasets", "Transforms", "Training",
      ]),

    // The system tests under pytest, reachable from `swift test`: a short selection, unless FINGERSPELL_SYSTEM_TESTS=all.
    tests("SystemTests", []),

    // Programs that tests start: cases for several ranks, and races that the thread sanitizer must find.
    .executableTarget(
      name: "multirank-tests", dependencies: ["MPICommunication", "Communication", "CommunicatorContract"],
      path: "Tests/MultiRank",
      swiftSettings: settings),
    .executableTarget(
      name: "race-controls", dependencies: ["Communication", "Reduction", "Kernels", "MutexAnnotations"],
      path: "Tests/RaceControls", swiftSettings: settings),
  ]
)

// The plugin that builds the documentation is fetched only where launch/docs asks for it.
if Context.environment["FINGERSPELL_DOCS"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
