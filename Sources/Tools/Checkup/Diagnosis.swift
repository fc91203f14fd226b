import Platform

/// What usually goes wrong before the first step, judged from facts alone.
public func diagnose(_ facts: CheckupFacts) -> [Finding] {
  var findings = launchFindings(facts)
  if case .launcherMismatch = facts.launch { return findings }
  findings += programFindings(facts)
  findings += coreFindings(facts)
  findings += memoryFindings(facts)
  findings += dataFindings(facts)
  findings += settingsFindings(facts)
  return findings
}

extension [Finding] {
  /// The failure that a checkup comes to: none without a problem, bad data if only the data have one, else a fault.
  public var failureKind: FailureKind? {
    let problems = filter { $0.level == .problem }
    if problems.isEmpty { return nil }
    return problems.allSatisfy { $0.subject == .data } ? .data : .software
  }
}

private func launchFindings(_ facts: CheckupFacts) -> [Finding] {
  let library = facts.processes.first?.library ?? ""
  switch facts.launch {
  case .launcherMismatch(let launcher, let count):
    return [
      Finding(
        .problem, .launch,
        "\(launcher) started \(count.map { "\($0) processes" } ?? "the processes"), but this program is linked with "
          + "\(library), which does not speak with it: each process would train alone",
        fix:
          "start it with the mpirun of \(library), or build it with MPI_IMPLEMENTATION=openmpi or mpich as the launcher is"
      )
    ]
  case .alone(_, let ancestor?):
    return [
      Finding(
        .problem, .launch,
        "\(ancestor) started this process, but its variables did not get here: each process would train alone",
        fix: "let them through whatever stands between (sudo, env -i, a container), or put mpirun inside it")
    ]
  case .alone(let launcher, nil):
    let alone = "this process is on its own, its workers are threads"
    guard let launcher else {
      return [
        Finding(
          .warning, .launch, "\(alone); there is no mpirun on the PATH to start ranks",
          fix: "install the launcher of \(library), e.g. openmpi-bin, if more than one host is to train")
      ]
    }
    guard let other = launcher.implementation, other != MPIImplementation(describedBy: library) else {
      return [Finding(.ok, .launch, "\(alone); mpirun -n 4 fingerspell doctor looks at four ranks")]
    }
    return [
      Finding(
        .warning, .launch,
        "\(alone); \(launcher.program) is of \(other.rawValue), this program is linked with \(library)",
        fix: "put the mpirun of \(library) first on the PATH, or build with MPI_IMPLEMENTATION=openmpi or mpich")
    ]
  case .ranks(let launcher, let slots):
    return rankFindings(facts, launcher: launcher, slots: slots)
  }
}

private func rankFindings(_ facts: CheckupFacts, launcher: String, slots: Int?) -> [Finding] {
  let count = facts.processes.count
  let place = facts.nodes.count == 1 ? "one host" : "\(facts.nodes.count) hosts"
  var findings = [
    Finding(
      .ok, .launch, "\(count) \(count == 1 ? "rank" : "ranks") on \(place) (\(launcher))")
  ]
  if let slots, count > slots {
    findings.append(
      Finding(
        .warning, .launch, "\(count) ranks were started in \(slots) slots",
        fix: "use at most \(slots) ranks, or name hosts with more slots in a hostfile"))
  }
  let hosts = facts.nodes.map { facts.processes[$0[0]].host }
  for (host, nodes) in Dictionary(grouping: facts.nodes.indices, by: { hosts[$0] }).sorted(by: { $0.key < $1.key })
  where nodes.count > 1 {
    findings.append(
      Finding(
        .warning, .launch,
        "on \(host), \(nodes.map { rankList(facts.nodes[$0]) }.joined(separator: " and ")) do not share memory, and send "
          + "messages instead",
        fix:
          "start them in one container, or let containers share /dev/shm and process numbers (--ipc=host --pid=host)"))
  }
  return findings
}

private func programFindings(_ facts: CheckupFacts) -> [Finding] {
  let programs = groups(facts) { String($0.program.prefix(12)) }
  let libraries = groups(facts) { $0.library }
  var findings: [Finding] = []
  if programs.count > 1 {
    findings.append(
      Finding(
        .problem, .program,
        "the ranks run different builds: \(programs.map { "\($0.ranks) \($0.value)" }.joined(separator: ", "))",
        fix: "copy one build to all hosts, or build in a folder that they share"))
  }
  if libraries.count > 1 {
    findings.append(
      Finding(
        .problem, .program,
        "the ranks load different MPI libraries: \(libraries.map { "\($0.ranks) \($0.value)" }.joined(separator: ", "))",
        fix: "install the same version on all hosts"))
  }
  if findings.isEmpty, let own = facts.processes.first {
    let whose = facts.processes.count == 1 ? "" : "the same on all ranks, "
    findings.append(
      Finding(.ok, .program, "\(whose)sha256 \(own.program.prefix(12)), for this CPU, with \(own.library)"))
  }
  return findings
}

private func dataFindings(_ facts: CheckupFacts) -> [Finding] {
  if let error = facts.dataError {
    return [
      Finding(
        .problem, .data, error,
        fix: "correct the files or name others; fingerspell data inspect looks at a set row by row")
    ]
  }
  let versions = groups(facts) { $0.data.map { String($0.prefix(12)) }.joined(separator: " and ") }
  guard versions.count == 1 else {
    return [
      Finding(
        .problem, .data,
        "the ranks read different files (sha256): \(versions.map { "\($0.ranks) \($0.value)" }.joined(separator: ", "))",
        fix: "copy one data set to all hosts, or keep it in a folder that they share")
    ]
  }
  let hash = versions[0].value.isEmpty ? "" : ", sha256 \(versions[0].value)"
  return [Finding(.ok, .data, "\(facts.dataName)\(hash)")]
}

private func settingsFindings(_ facts: CheckupFacts) -> [Finding] {
  var findings: [Finding] = []
  let arguments = groups(facts) { $0.arguments.joined(separator: " ") }
  if arguments.count > 1 {
    findings.append(
      Finding(
        .problem, .settings,
        "the ranks were given different options: \(arguments.map { "\($0.ranks) '\($0.value)'" }.joined(separator: ", "))",
        fix: "give all ranks the same options"))
  }
  let variables = Set(facts.processes.flatMap { $0.environment.keys })
  for variable in variables.sorted() {
    let values = groups(facts) { $0.environment[variable].map { "'\($0)'" } ?? "not set" }
    guard values.count > 1 else { continue }
    findings.append(
      Finding(
        .warning, .settings, "\(variable) differs: \(values.map { "\($0.ranks) \($0.value)" }.joined(separator: ", "))",
        fix: "set it on no host or on all, e.g. with mpirun's -x (Open MPI) or -genv (MPICH)"))
  }
  if findings.isEmpty, facts.processes.count > 1 {
    findings.append(Finding(.ok, .settings, "the same options and environment on all ranks"))
  }
  return findings
}

/// The different values of something, each with the ranks that have it, in the order of their first rank.
func groups(_ facts: CheckupFacts, _ value: (WorkerFacts) -> String) -> [(ranks: String, value: String)] {
  let values = facts.processes.map(value)
  return Dictionary(grouping: values.indices) { values[$0] }.sorted { $0.value[0] < $1.value[0] }
    .map { (rankList($0.value), $0.key) }
}

/// Ascending ranks in words: `rank 3`, `ranks 0-2, 5`.
func rankList(_ ranks: [Int]) -> String {
  var runs: [ClosedRange<Int>] = []
  for rank in ranks {
    if let last = runs.last, last.upperBound + 1 == rank {
      runs[runs.count - 1] = last.lowerBound...rank
    } else {
      runs.append(rank...rank)
    }
  }
  let words = runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
  return (ranks.count == 1 ? "rank " : "ranks ") + words.joined(separator: ", ")
}
