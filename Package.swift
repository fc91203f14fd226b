// swift-tools-version: 6.2
import PackageDescription

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
var swiftSettings: [SwiftSetting] = [.unsafeFlags(["-Xcc", cpuFlag])]
if Context.environment["FINGERSPELL_STRICT"] != nil {
  swiftSettings.append(.treatAllWarnings(as: .error))
}

let package = Package(
  name: "fingerspell",
  products: [
    .executable(name: "fingerspell", targets: ["fingerspell"]),
    .library(name: "MPICommunication", targets: ["MPICommunication"]),
    // For the package in Benchmarks/ alone.
    .library(name: "BenchmarkedKernels", targets: ["Kernels", "ReferenceKernels"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // Communication: how workers meet, exchange and fail. Knows nothing of training.
    .systemLibrary(
      name: "CMPI", pkgConfig: mpiPackageConfig,
      providers: [.apt([mpi == "mpich" ? "libmpich-dev" : "libopenmpi-dev"])]),
    .target(name: "CMPIShims", dependencies: ["CMPI"]),
    .target(
      name: "Communication",
      dependencies: [.product(name: "Atomics", package: "swift-atomics")], swiftSettings: swiftSettings),
    .target(
      name: "MPICommunication", dependencies: ["Communication", "CMPIShims"], swiftSettings: swiftSettings),

    // Mathematics: kernels over unsafe buffers, and the network made of them. Knows nothing of workers.
    .target(name: "CTargetCPU", cSettings: [.unsafeFlags([cpuFlag])]),
    .target(name: "Kernels", dependencies: ["CTargetCPU"], swiftSettings: swiftSettings),
    .target(name: "NeuralNet", dependencies: ["Kernels"], swiftSettings: swiftSettings),

    // Files: what the system knows of them, the data set, and models on disk.
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "Platform", dependencies: ["CCrypto"], swiftSettings: swiftSettings),
    .target(name: "SignLanguageMNIST", dependencies: ["Platform", "Kernels"], swiftSettings: swiftSettings),
    .target(name: "Checkpoints", dependencies: ["Platform", "NeuralNet"], swiftSettings: swiftSettings),

    // Training joins mathematics, workers and data; the command line renders it.
    .target(
      name: "Training",
      dependencies: [
        "Platform", "Communication", "Kernels", "NeuralNet", "SignLanguageMNIST", "Checkpoints",
      ], swiftSettings: swiftSettings),
    // Before training: whether the machines are fit for it, and whether every layout trains the same model.
    .target(
      name: "Diagnostics", dependencies: ["Platform", "Training", "Communication", "Checkpoints", "Kernels"],
      swiftSettings: swiftSettings),
    // What the program says about its own speed.
    .target(
      name: "Benchmarking",
      dependencies: ["Communication", "Kernels", "NeuralNet", "SignLanguageMNIST", "Training"],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "fingerspell",
      dependencies: [
        "Benchmarking", "Diagnostics", "Training", "MPICommunication", "Communication", "SignLanguageMNIST",
        "Checkpoints", "NeuralNet", "Kernels", "Platform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: swiftSettings),

    // Test support: golden values from Keras, the network written down plainly in double precision, and scalar kernels.
    .target(name: "GoldenValues", path: "Tests/Support/GoldenValues", swiftSettings: swiftSettings),
    .target(name: "AllocationCounter", path: "Tests/Support/AllocationCounter"),
    .target(name: "ReferenceNetwork", path: "Tests/Support/ReferenceNetwork", swiftSettings: swiftSettings),
    .target(name: "ReferenceKernels", path: "Tests/Support/ReferenceKernels", swiftSettings: swiftSettings),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "ReferenceKernels"], swiftSettings: swiftSettings),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Checkpoints", "Platform", "Communication", "NeuralNet", "SignLanguageMNIST", "GoldenValues",
        "TestFiles",
        "AllocationCounter", "MutexAnnotations",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NeuralNetTests",
      dependencies: ["NeuralNet", "Kernels", "GoldenValues", "ReferenceNetwork", "ReferenceKernels"],
      swiftSettings: swiftSettings),
    .testTarget(name: "GoldenValuesTests", dependencies: ["GoldenValues"], swiftSettings: swiftSettings),
    .testTarget(
      name: "ReferenceNetworkTests", dependencies: ["ReferenceNetwork", "GoldenValues"], swiftSettings: swiftSettings),

    // For the thread sanitizer: what it must be told of Mutex, and races that it must find.
    .target(name: "MutexAnnotations", path: "Tests/Support/MutexAnnotations"),
    .executableTarget(
      name: "race-controls", dependencies: ["Communication", "Kernels", "MutexAnnotations"],
      path: "Tests/RaceControls", swiftSettings: swiftSettings),

    // Tests of communication: one contract for threads and ranks; the ranks' tests are a program that mpirun starts.
    .target(
      name: "CommunicatorContract", dependencies: ["Communication"], path: "Tests/Support/CommunicatorContract",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CommunicationTests", dependencies: ["Communication", "CommunicatorContract", "MutexAnnotations"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "MPICommunicationTests", dependencies: ["MPICommunication"], swiftSettings: swiftSettings),
    .executableTarget(
      name: "multirank-tests", dependencies: ["MPICommunication", "CommunicatorContract"], path: "Tests/MultiRank",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "SignLanguageMNISTTests", dependencies: ["SignLanguageMNIST", "Kernels", "Platform", "TestFiles"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: swiftSettings),
    .target(name: "TestFiles", path: "Tests/Support/TestFiles", swiftSettings: swiftSettings),
    .testTarget(name: "PlatformTests", dependencies: ["Platform", "TestFiles"], swiftSettings: swiftSettings),
    .testTarget(
      name: "CheckpointsTests", dependencies: ["Checkpoints", "NeuralNet", "Platform", "TestFiles"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "BenchmarkingTests", dependencies: ["Benchmarking", "Communication"], swiftSettings: swiftSettings),

    // The system tests of Tests/System, which pytest runs, from `swift test`.
    .testTarget(name: "SystemTests", swiftSettings: swiftSettings),
  ]
)
