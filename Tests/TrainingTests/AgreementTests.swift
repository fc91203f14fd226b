import Communication
import Foundation
import Platform
import Synchronization
import TestFiles
import TestTags
import Testing
import Training

@Suite("Workers must agree on their options", .tags(.threads))
struct AgreementTests {
  private static let values = [
    AgreedValue("command", "train"), AgreedValue("--seed", "1"), AgreedValue("--epochs", "3"),
  ]

  /// The failures of a group of workers, each of which has the values that `change` makes of the common ones.
  private func failures(_ workers: Int, _ change: @escaping @Sendable (Int) -> [AgreedValue]) throws -> [Failure?] {
    try ThreadGroup.run(workers: workers) { communicator in
      do {
        try communicator.requireAgreement(on: change(communicator.rank))
        return nil
      } catch let failure as Failure {
        return failure
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 7, 64])
  func `Equal values pass`(workers: Int) throws {
    #expect(try failures(workers) { _ in Self.values }.allSatisfy { $0 == nil })
  }

  @Test(arguments: [2, 3, 4, 64])
  func `One different value is every worker's failure`(workers: Int) throws {
    for odd in [0, workers / 2, workers - 1] {
      let found = try failures(workers) { rank in
        rank == odd ? [Self.values[0], AgreedValue("--seed", "7"), Self.values[2]] : Self.values
      }
      let failure = try #require(found[0])
      #expect(found.allSatisfy { $0?.description == failure.description && $0?.isCollective == true })
      #expect(failure.failureKind == .usage)
      #expect(failure.description.contains("7 on rank \(odd) ("))
      #expect(!failure.description.contains("--epochs"))
    }
  }

  @Test func `A missing value and the order count`() throws {
    let missing = try failures(2) { $0 == 0 ? Self.values : Array(Self.values.prefix(2)) }
    #expect(try #require(missing[0]).description.contains("--epochs: 3 on rank 0"))
    #expect(try #require(missing[0]).description.contains("not given on rank 1"))
    // No text can be cut so that two lists look alike.
    let cut = try failures(2) {
      [AgreedValue("command", "train"), $0 == 0 ? AgreedValue("a", "bc") : AgreedValue("ab", "c")]
    }
    #expect(cut[0] != nil)
  }

  @Test func `The minority comes last, and many values are summarised`() {
    func lists(_ seeds: [String]) -> [[AgreedValue]] {
      seeds.map { [AgreedValue("command", "train"), AgreedValue("--seed", $0)] }
    }
    let three = Disagreement(workers: lists(["1", "7", "1", "1"]), hosts: ["a", "b", "a", "c"]).description
    #expect(three.contains("\n  --seed: 1 on ranks 0, 2, 3 (a, c); 7 on rank 1 (b)\n"))
    let all = Disagreement(workers: lists((0..<64).map(String.init)), hosts: (0..<64).map { "n\($0)" }).description
    #expect(all.contains("3 on rank 3 (n3); 60 other values on 60 more ranks"))
    let half = Disagreement(workers: lists((0..<64).map { "\($0 % 2)" }), hosts: (0..<64).map { "n\($0)" }).description
    #expect(
      half.contains(
        "0 on ranks 0, 2, 4, 6, 8, 10, 12, 14 and 24 more (n0, n2, n4, n6, n8, n10, n12, n14 and 24 more hosts)"))
  }

  @Test func `Where commands differ, nothing else is said`() {
    let workers = [Self.values, [AgreedValue("command", "evaluate")]]
    let text = Disagreement(workers: workers, hosts: ["a", "b"]).description
    #expect(text.contains("\n  command: train on rank 0 (a); evaluate on rank 1 (b)\n") && !text.contains("--seed"))
  }

  @Test func `Values from outside cannot steer a terminal`() {
    let workers = ["1", "\u{1B}[2J"].map { [AgreedValue("--seed", $0)] }
    #expect(
      Disagreement(workers: workers, hosts: ["a", "\u{7}"]).description.contains("\\u{1B}[2J on rank 1 (\\u{7})"))
  }
}

@Suite("Workers must read the same file", .tags(.threads, .files))
struct FileAgreementTests {
  /// What a group of workers find, each reading the path that it is given; `body` runs on worker 0 while all read.
  private func read(
    _ paths: [String], _ meanwhile: @escaping @Sendable () throws -> Void = {}
  ) throws -> [Result<SHA256Digest?, Failure>] {
    try ThreadGroup.run(workers: paths.count) { communicator in
      do {
        let (count, sha256) = try FileAgreement.whileReading(.csv(path: paths[communicator.rank]), communicator) {
          if communicator.rank == 0 { try meanwhile() }
          return try FileBytes.read(paths[communicator.rank]).count
        }
        #expect(count > 0)
        return .success(sha256)
      } catch let failure as Failure {
        return .failure(failure)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4])
  func `The checksum is the file's`(workers: Int) throws {
    let scratch = try Scratch()
    let path = try scratch.file(String(repeating: "row\n", count: 100_000))
    let found = try read([String](repeating: path, count: workers))
    for result in found { #expect(try result.get() == SHA256Digest(ofFile: path)) }
  }

  @Test func `Copies must be equal`() throws {
    let scratch = try Scratch()
    let (one, copy) = (try scratch.file("a,b\n1,2\n", name: "one"), try scratch.file("a,b\n1,2\n", name: "copy"))
    #expect(try read([one, copy, one]).allSatisfy { (try? $0.get()) != nil })
    for (other, size) in [("a,b\n1,3\n", 8), ("a,b\n", 4)] {
      let path = try scratch.file(other, name: "other")
      for result in try read([one, path]) {
        guard case .failure(let failure) = result else { Issue.record("a mixture was read"); continue }
        #expect(failure.failureKind == .data && failure.isCollective)
        #expect(
          failure.description.contains("(rank 1): \(path), \(size) bytes, SHA-256 \(try SHA256Digest(ofFile: path))"))
      }
    }
  }

  @Test func `A change while reading is found`() throws {
    let changes: [@Sendable (String) throws -> Void] = [
      { try AtomicFile.write("a,b\n1,2\n", to: $0) },
      { path in
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("3,4\n".utf8))
        try file.close()
      },
      { try Data("a,b\n9,9\n".utf8).write(to: URL(filePath: $0)) },
    ]
    for change in changes {
      let scratch = try Scratch()
      let path = try scratch.file("a,b\n1,2\n")
      for result in try read([path, path], { try change(path) }) {
        guard case .failure(let failure) = result else { Issue.record("a change was not found"); continue }
        #expect(
          failure.failureKind == .data && failure.description.contains("was changed or replaced while it was read"))
      }
    }
  }
}
