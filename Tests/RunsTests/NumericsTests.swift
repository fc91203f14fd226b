import Foundation
import ModelFiles
import NeuralNet
import Platform
import Runs
import TestFiles
import TestTags
import Testing
import Training

@Suite("Bits change only with the revision of the arithmetic", .tags(.bits, .threads))
struct NumericsTests {
  /// What to do about the bits of a reference run; nil if they are the recorded ones.
  private func complaint(
    _ run: ReferenceRun, _ found: RunBits, revision: Int = Numerics.revision,
    recorded: [Int: [ReferenceRun: RunBits]] = recordedBits
  ) -> String? {
    let row = """
      .\(run.rawValue): RunBits(
        records: "\(found.records)",
        parameters: "\(found.parameters)"),
      """
    guard let expected = recorded[revision]?[run] else {
      return
        "no bits of \(run.rawValue) are recorded for revision \(revision): record these in ReferenceBits.swift\n\(row)"
    }
    guard found != expected else { return nil }
    return """
      the bits of \(run.rawValue) are no longer those of revision \(revision), so a run resumed with this code would mix two \
      arithmetics. If that is meant, raise Numerics.revision to \(revision + 1) and record these in ReferenceBits.swift
      \(row)
      """
  }

  @Test(arguments: ReferenceRun.allCases)
  func `A reference run has the recorded bits`(_ run: ReferenceRun) throws {
    if let text = complaint(run, try run.train().bits) { Issue.record("\(text)") }
  }

  @Test func `One changed bit or another revision would be noticed`() throws {
    let run = ReferenceRun.keras
    let result = try run.train()
    let recorded = [1: [run: result.bits]]
    #expect(complaint(run, result.bits, revision: 1, recorded: recorded) == nil)

    let last = standard.layout.count - 1
    for index in [0, last] {
      var changed = result
      changed.parameters[index] = Float(bitPattern: result.parameters[index].bitPattern ^ 1)
      let text = try #require(complaint(run, changed.bits, revision: 1, recorded: recorded))
      #expect(text.contains("raise Numerics.revision to 2") && text.contains(changed.bits.parameters))
    }
    var shorter = result
    shorter.records.removeLast()
    #expect(complaint(run, shorter.bits, revision: 1, recorded: recorded)?.contains("raise Numerics.revision") == true)

    for (run, revision) in [(run, 2), (ReferenceRun.best, 1)] {
      let text = try #require(complaint(run, result.bits, revision: revision, recorded: recorded))
      #expect(text.contains("revision \(revision): record these") && text.contains(result.bits.records))
    }
  }

  @Test func `The table has every run of every revision, and no revision without a change`() {
    #expect(recordedBits.keys.sorted() == Array(1...Numerics.revision))
    for (revision, runs) in recordedBits {
      #expect(runs.count == ReferenceRun.allCases.count, "revision \(revision)")
      for (other, otherRuns) in recordedBits where other != revision { #expect(runs != otherRuns) }
    }
    let hashes = recordedBits.values.flatMap { $0.values.map(\.parameters) }
    #expect(hashes.allSatisfy { $0.count == 64 })
  }
}

@Suite("Files of a run carry the revision of the arithmetic", .tags(.files))
struct RevisionInFilesTests {
  /// A JSON object's value under a key, as a whole number.
  private func number(_ key: String, _ json: some DataProtocol) throws -> Int? {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
    return object[key] as? Int
  }

  @Test func `run.json, the model and each checkpoint name it`() throws {
    let command = try RunCommand()
    try command.train()
    #expect(try number("numerics_revision", FileBytes.read("\(command.path)/run.json")) == Numerics.revision)
    let model = try ModelFile(path: "\(command.path)/model.safetensors")
    #expect(model.metadata["numerics_revision"] == "\(Numerics.revision)")
    for step in RunCommand.steps.suffix(3) {
      let checkpoint = try Checkpoint(path: command.checkpoint(step))
      #expect(try number("numericsRevision", Array(checkpoint.identity.utf8)) == Numerics.revision)
    }
  }

  @Test(arguments: [Numerics.revision - 1, Numerics.revision + 1])
  func `A checkpoint of another revision is not continued from`(_ revision: Int) throws {
    let command = try RunCommand()
    try command.train(until: 9)
    var checkpoint = try Checkpoint(path: command.checkpoint(9))
    let original = checkpoint.encoded()
    checkpoint.identity = checkpoint.identity.replacing(
      "\"numericsRevision\":\(Numerics.revision)", with: "\"numericsRevision\":\(revision)")
    try AtomicFile.write(checkpoint.encoded(), to: command.checkpoint(9))
    let failure = try #require(throws: Failure.self) { _ = try command.open() }
    #expect(failure.failureKind == .usage)
    #expect(
      failure.description.contains(
        "numerics revision: \(revision) in the run, \(Numerics.revision) in this command"), "\(failure)")
    #expect(command.warnings.isEmpty)

    // The bytes are what counts: the same file with its own revision resumes.
    try AtomicFile.write(original, to: command.checkpoint(9))
    #expect(try command.open().state == RunCommand.state(9))
  }
}
