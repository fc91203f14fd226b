// swift-tools-version: 6.2
import PackageDescription

// A package of its own that uses Fingerspell's libraries, as yours would.
let package = Package(
  name: "fingerspell-examples",
  dependencies: [.package(name: "fingerspell", path: "..")],
  targets: [
    .executableTarget(name: "HelloRanks", dependencies: [.product(name: "MPICommunication", package: "fingerspell")]),
    .executableTarget(name: "AllReduce", dependencies: [.product(name: "MPICommunication", package: "fingerspell")]),
    .executableTarget(name: "Train", dependencies: [.product(name: "Fingerspell", package: "fingerspell")]),
    .executableTarget(name: "OwnNetwork", dependencies: [.product(name: "Fingerspell", package: "fingerspell")]),
    .executableTarget(name: "Predict", dependencies: [.product(name: "Fingerspell", package: "fingerspell")]),
  ]
)
