import Foundation
import ModelFiles
import Platform
import Runs
import TestFiles
import TestTags
import Testing
import Training

@Suite("A run looks at its folder before any data are loaded", .tags(.files))
struct RunTests {
  /// Changes a byte in the middle of a file.
  private func damage(_ path: String) throws {
    var bytes = try FileBytes.read(path)
    bytes[bytes.count / 2] ^= 1
    try AtomicFile.write(bytes, to: path)
  }

  /// run.json of the folder.
  private func description(_ command: RunCommand) throws -> [String: Any] {
    let json = Data(try FileBytes.read("\(command.path)/run.json"))
    return try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
  }

  private func metricsLines(_ command: RunCommand) throws -> Int {
    try FileBytes.read("\(command.path)/metrics.csv").count { $0 == UInt8(ascii: "\n") }
  }

  private func isFresh(_ run: Run) -> Bool { if case .fresh = run.start { true } else { false } }

  @Test(arguments: [false, true])
  func `Where there is no folder, a run is fresh, and nothing is made before it begins`(_ resume: Bool) throws {
    let command = try RunCommand()
    let run = try command.open(resume: resume)
    #expect(isFresh(run) && !run.hasEnded && run.state == nil && run.path == command.path)
    try command.confirm(run) { _ in false }
    #expect(isFresh(run) && run.lengthChange == nil)
    #expect(command.names == nil)
    let folder = try run.begin()
    #expect(folder.path == command.path)
    #expect(command.names == ["checkpoints", "metrics.csv", "run.json"])
    #expect(try metricsLines(command) == 1)
    let data = try #require(try description(command)["training_data"] as? [String: Any])
    #expect(data["sha256"] as? String == command.training.sha256)
    #expect(command.warnings.isEmpty)
  }

  @Test func `A new run keeps an earlier one's files, and one that has trained nothing is begun again`() throws {
    let command = try RunCommand()
    try command.train(until: 3)
    // Killed before its first checkpoint, there is nothing to keep.
    try FileManager.default.removeItem(atPath: command.checkpoint(3))
    do {
      let run = try command.open()
      #expect(isFresh(run))
      try command.confirm(run)
      _ = try run.begin()
    }
    #expect(command.names == ["checkpoints", "metrics.csv", "run.json"])
    do {
      let run = try command.open(resume: false)
      try command.confirm(run)
      _ = try run.begin()
    }
    #expect(command.names == ["checkpoints", "earlier-1", "metrics.csv", "run.json"])
    #expect(command.warnings.isEmpty)
  }

  @Test(arguments: RunCommand.steps)
  func `A run resumes from the newest state`(_ step: Int) throws {
    let command = try RunCommand()
    try command.train(until: step)
    let run = try command.open()
    let state = try #require(try RunCommand.state(step))
    #expect(run.state == state && !run.hasEnded)
    var asked: [TrainingPosition] = []
    try command.confirm(run) {
      asked.append($0)
      return true
    }
    #expect(asked == [state.position])
    guard case .resumed(let confirmed, let path) = run.start else {
      Issue.record("not resumed")
      return
    }
    #expect(confirmed == state && path == command.checkpoint(step))
    #expect(run.lengthChange == nil)

    _ = try run.begin()
    let resumes = try #require(try description(command)["resumes"] as? [[String: Any]])
    #expect(resumes.count == 1)
    #expect(resumes.last?["step"] as? Int == step && resumes.last?["epoch"] as? Int == state.position.epoch)
    #expect(try metricsLines(command) == state.log.epochs.count + 1)
    #expect(command.warnings.isEmpty)
  }

  @Test func `A run that is not to be resumed does not look at what is there`() throws {
    let command = try RunCommand()
    try command.train()
    try damage(command.checkpoint(14))
    command.configuration.batchSize = 64
    #expect(isFresh(try command.open(resume: false)) && command.warnings.isEmpty)
  }

  @Test func `A longer run says how its length changes`() throws {
    let command = try RunCommand()
    try command.train()
    (command.configuration.epochs, command.configuration.patience) = (4, nil)
    let run = try command.open()
    #expect(run.state?.position.epoch == 3 && run.state?.log.stopping.patience == nil)
    let (earlier, here) = try #require(run.lengthChange)
    #expect([earlier.epochs, earlier.patience, here.epochs, here.patience] == [2, 5, 4, nil])
  }

  @Test func `A shorter run than was trained is refused`() throws {
    let command = try RunCommand()
    try command.train()
    command.configuration.epochs = 1
    let failure = try #require(throws: Failure.self) { _ = try command.open() }
    #expect(failure.failureKind == .usage && failure.remedy == Remedy("more-epochs", "2"))
  }

  @Test func `A finished run needs no data, only their checksums`() throws {
    let command = try RunCommand()
    try command.train()
    let run = try command.open()
    #expect(run.hasEnded && run.state == nil)
    try command.confirm(run)
    guard case .finished(let outcome) = run.start else {
      Issue.record("not finished")
      return
    }
    #expect(outcome.epochs == 2 && outcome.bestEpoch == 2)
    #expect(command.warnings.isEmpty)
    let failure = try #require(throws: Failure.self) {
      command.training.sha256 = String(repeating: "2", count: 64)
      try command.confirm(run)
    }
    #expect(failure.failureKind == .data)
  }

  @Test func `A finished run without its whole model is taken up at its last state`() throws {
    let command = try RunCommand()
    try command.train()
    try damage("\(command.path)/model.safetensors")
    let run = try command.open()
    #expect(try !run.hasEnded && run.state == RunCommand.state(14))
    try command.confirm(run)
    #expect(
      command.warnings.count == 1 && command.warnings[0].contains("model.safetensors is damaged or another run's"))
  }

  @Test(arguments: [9, 14])
  func `Other data are refused as data`(_ step: Int) throws {
    let command = try RunCommand()
    try command.train(until: step == 14 ? .max : step)
    let known = command.training.sha256 ?? ""
    command.training.sha256 = String(repeating: "2", count: 64)
    let run = try command.open { "<\($0)>" }
    let failure = try #require(throws: Failure.self) { try command.confirm(run) }
    #expect(failure.failureKind == .data)
    let sum = command.training.sha256 ?? ""
    #expect(
      failure.description.contains("<training data>: SHA-256 \(known) in the run, SHA-256 \(sum) in this command"),
      "\(failure)")
    #expect(command.warnings.isEmpty)
  }

  @Test func `The same file at another path is the same data`() throws {
    let command = try RunCommand()
    try command.train(until: 9)
    command.training.source = "elsewhere/rows.csv"
    let run = try command.open()
    try command.confirm(run)
    #expect(try run.state == RunCommand.state(9))
  }

  @Test func `Another hyperparameter is refused as usage, named as the caller names it`() throws {
    let command = try RunCommand()
    try command.train(until: 9)
    command.configuration.batchSize = 64
    command.configuration.validationSplit = 0.25
    let failure = try #require(throws: Failure.self) { _ = try command.open { "<\($0)>" } }
    #expect(failure.failureKind == .usage)
    #expect(
      failure.description.hasSuffix(
        """
        and cannot be resumed:
          <batchSize>: 32 in the run, 64 in this command
          <validationSplit>: not given in the run, 0.25 in this command
        """), "\(failure)")
    // A run that does not depend on the workers has no number of them to compare.
    command.configuration.allReduce = .mpi
    let reduction = try #require(throws: Failure.self) { _ = try command.open() }
    #expect(reduction.description.contains("all reduce:") && !reduction.description.contains("workers"), "\(reduction)")
    command.configuration.allReduce = .reproducible
    // Without other names, the field's name in words.
    let plain = try #require(throws: Failure.self) { _ = try command.open() }
    #expect(plain.description.contains("\n  batch size: 32 in the run, 64 in this command"))
  }

  @Test func `After a damaged newest checkpoint, the one before it is taken, with one warning`() throws {
    let command = try RunCommand()
    try command.train(until: 9)
    try damage(command.checkpoint(9))
    let run = try command.open()
    try command.confirm(run)
    #expect(try run.state == RunCommand.state(7))
    #expect(command.warnings.count == 1)
    #expect(
      command.warnings.first
        == "the checkpoint \(command.checkpoint(9)) is damaged: its checksum does not match its contents; trying the "
        + "one before it")
  }

  @Test func `Where every checkpoint is damaged, the run begins again`() throws {
    let command = try RunCommand()
    try command.train(until: 9)
    for step in [6, 7, 9] { try damage(command.checkpoint(step)) }
    let run = try command.open()
    try command.confirm(run)
    #expect(isFresh(run) && command.warnings.count == 3)
    #expect(command.warnings.map { $0.hasSuffix("; trying the one before it") } == [true, true, false])
    #expect(try run.losesProgress)
    _ = try run.begin()
    #expect(
      command.warnings.dropFirst(3) == [
        "no intact checkpoint in \(command.path): starting from the beginning; the earlier run is now in \(command.path)/earlier-1"
      ])
  }

  @Test func `A damaged header is told in a sentence`() throws {
    let command = try RunCommand()
    try command.train(until: 9)
    var bytes = try FileBytes.read(command.checkpoint(9))
    bytes[9] = 0
    try AtomicFile.write(bytes, to: command.checkpoint(9))
    _ = try command.open()
    #expect(
      command.warnings.first?.hasPrefix(
        "the checkpoint \(command.checkpoint(9)) is damaged: the header is damaged at byte")
        == true, "\(command.warnings)")
  }

  @Test func `A checkpoint at a position that this run never reaches counts as damaged`() throws {
    let command = try RunCommand()
    try command.train(until: 9)
    let run = try command.open()
    #expect(run.state?.position.stepsTaken == 9)
    try command.confirm(run) { $0.stepsTaken < 9 }
    #expect(try run.state == RunCommand.state(7))
    #expect(command.warnings.count == 1)
    #expect(command.warnings.first?.contains("this run is never after step 9 (step 2 of epoch 2)") == true)
    // Whoever asks once more gets the same answer, and no further warning.
    try command.confirm(run) { $0.stepsTaken < 9 }
    #expect(run.state?.position.stepsTaken == 7 && command.warnings.count == 1)
  }

  @Test func `A checkpoint under another step's name counts as damaged`() throws {
    let command = try RunCommand()
    try command.train(until: 9)
    try FileManager.default.moveItem(atPath: command.checkpoint(9), toPath: command.checkpoint(10))
    #expect(try command.open().state == RunCommand.state(7))
    #expect(command.warnings.count == 1 && command.warnings[0].contains("it is of another step"))
  }
}
