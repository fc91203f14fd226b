import Benchmark
import Kernels
import ReferenceKernels

// Every kernel next to its scalar twin, on the network's shapes. "Peak" is the register-only rate to compare the others with.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], warmupIterations: 10, scalingFactor: .kilo, maxDuration: .milliseconds(500),
    maxIterations: 100_000)

  // As many multiply-adds as the largest products below: 112 x 64 x 64.
  Benchmark("Peak: 112 x 64 x 64 multiply-adds in registers") { benchmark in
    let rounds = 112 * 64 * 64 / MultiplyAddRate.multiplyAddsPerRound
    for _ in benchmark.scaledIterations { blackHole(MultiplyAddRate.run(rounds: rounds, 1e-9, 1)) }
  }

  product("Product 112 x 64 x 64 (LSTM input)", rows: 112, depth: 64, rowStride: 64, depthStride: 1)
  product("Product 8 x 64 x 64 (LSTM state)", rows: 8, depth: 64, rowStride: 64, depthStride: 1)
  product("Product 64 x 112 x 64 (LSTM weights)", rows: 64, depth: 112, rowStride: 1, depthStride: 64)
  product("Product 28 x 84 x 64 (convolution)", rows: 28, depth: 84, rowStride: 28, depthStride: 1)
  elementary("exp", { exponentials($0, into: $1, count: $2) }, ReferenceKernels.exponential)
  elementary("sigmoid", { sigmoids($0, into: $1, count: $2) }, ReferenceKernels.sigmoid)
  elementary("tanh", { hyperbolicTangents($0, into: $1, count: $2) }, ReferenceKernels.hyperbolicTangent)
  pointwiseKernels()
}

/// A product C = A B and its twin, which must agree before they are timed.
func product(_ name: String, rows: Int, depth: Int, rowStride: Int, depthStride: Int) {
  let a = numbers((rows - 1) * rowStride + (depth - 1) * depthStride + 1)
  let b = numbers(depth * panelColumns)
  let shape = ProductShape(rows: rows, depth: depth, rowStride: rowStride, depthStride: depthStride)
  let twinShape = ReferenceKernels.Shape(rows: rows, depth: depth, rowStride: rowStride, depthStride: depthStride)
  var expected = numbers(rows * panelColumns)
  ReferenceKernels.multiply(twinShape, a, b, into: &expected)
  var found = expected.map { _ in Float(0) }
  multiply(shape, a, b, into: &found)
  precondition(found == expected, "\(name) differs from its twin")

  Benchmark(name) { benchmark in
    var c = [Float](repeating: 0, count: rows * panelColumns)
    for _ in benchmark.scaledIterations {
      multiply(shape, a, b, into: &c)
      blackHole(c)
    }
  }
  Benchmark(name + ", scalar twin", configuration: .init(scalingFactor: .one)) { benchmark in
    var c = [Float](repeating: 0, count: rows * panelColumns)
    for _ in benchmark.scaledIterations {
      ReferenceKernels.multiply(twinShape, a, b, into: &c)
      blackHole(c)
    }
  }
}

/// An elementary function of 4096 numbers and its twin, which must agree before they are timed.
func elementary(
  _ name: String, _ kernel: @escaping @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void,
  _ twin: @escaping @Sendable (Float) -> Float
) {
  let input = numbers(4096)
  var found = input
  kernel(input, &found, input.count)
  precondition(found == input.map(twin), "\(name) differs from its twin")

  Benchmark("4096 \(name)") { benchmark in
    var output = input
    for _ in benchmark.scaledIterations {
      kernel(input, &output, input.count)
      blackHole(output)
    }
  }
  Benchmark("4096 \(name), scalar twin", configuration: .init(scalingFactor: .one)) { benchmark in
    for _ in benchmark.scaledIterations { blackHole(input.map(twin)) }
  }
}

/// Numbers in [-1, 1), the same in every run.
func numbers(_ count: Int) -> [Float] {
  var stream = RandomStream(seed: 1, purpose: .augmentation)
  return (0..<count).map { _ in 2 * stream.nextUniform() - 1 }
}
