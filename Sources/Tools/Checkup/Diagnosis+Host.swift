import Platform

// What is judged host by host: cores and shared memory.

func coreFindings(_ facts: CheckupFacts) -> [Finding] {
  if case .ranks = facts.launch { return facts.nodes.map { coreFinding(of: $0, facts) } }
  guard let process = facts.processes.first else { return [] }
  let (threads, cores, online) = (facts.threads, process.coreCount, process.onlineCores)
  if threads > online {
    return [tooManyWorkers(counted(threads, "thread"), online, on: process.host)]
  }
  if threads > cores {
    return [
      Finding(
        .problem, .cores,
        "\(counted(threads, "thread")) may use only \(cores) of \(online) cores on \(process.host)",
        fix:
          "start the program without the binding (taskset, a container's or scheduler's limit), or use \(counted(cores, "thread"))"
      )
    ]
  }
  let available = cores < online ? "\(cores) of \(online) cores" : counted(cores, "core")
  return [Finding(.ok, .cores, "\(counted(threads, "thread")) on \(available) of \(process.host)")]
}

/// The finding about the ranks of one node.
private func coreFinding(of ranks: [Int], _ facts: CheckupFacts) -> Finding {
  let processes = ranks.map { facts.processes[$0] }
  let (host, online) = (processes[0].host, processes[0].onlineCores)
  let who = "\(rankList(ranks)) on \(host)"
  if ranks.count > online { return tooManyWorkers(who, online, on: nil) }
  let fix = "let the launcher bind every rank to its own core (--bind-to core), or to none (--bind-to none)"
  let usable = Set(processes.flatMap { cores(of: $0) }).count
  if usable < ranks.count {
    return Finding(.problem, .cores, "\(who) may use only \(usable) of \(online) cores together", fix: fix)
  }
  let alike = Dictionary(grouping: ranks) { facts.processes[$0].cores }
  let crowded = alike.filter { $0.value.count > facts.processes[$0.value[0]].coreCount }.map(\.value)
  if let crowd = crowded.min(by: { $0[0] < $1[0] }) {
    return Finding(
      .problem, .cores,
      "\(rankList(crowd)) on \(host) are bound to the same \(counted(facts.processes[crowd[0]].coreCount, "core")), while "
        + "others are free",
      fix: fix)
  }
  return Finding(.ok, .cores, "\(who), \(counted(usable, "core")) for \(ranks.count == 1 ? "it" : "them")")
}

private func tooManyWorkers(_ who: String, _ cores: Int, on host: String?) -> Finding {
  Finding(
    .warning, .cores,
    "\(who)\(host.map { " on \($0)" } ?? ""), which has only \(counted(cores, "core")): they take turns",
    fix: "use at most one worker per core; more give the same result, more slowly")
}

/// The cores that a process may use.
private func cores(of process: WorkerFacts) -> [Int] {
  if process.cores.isEmpty { return Array(0..<process.onlineCores) }
  return process.cores.indices.flatMap { word in
    (0..<64).filter { process.cores[word] >> UInt64($0) & 1 == 1 }.map { word * 64 + $0 }
  }
}

/// What the MPI library itself takes of a host's shared memory for each rank. Open MPI 4's segment for messages has 4 MiB, of
/// which a training touches about 0.1 (measured with 2, 4 and 8 ranks); this leaves room for longer histories.
private let libraryBytesPerRank = 512 << 10

func memoryFindings(_ facts: CheckupFacts) -> [Finding] {
  guard case .ranks = facts.launch, facts.sharedMemoryNeeded.count == facts.nodes.count else { return [] }
  return facts.nodes.indices.compactMap { node in
    let process = facts.processes[facts.nodes[node][0]]
    let ranks = facts.nodes[node].count
    // Open MPI gives a rank that is alone on its host memory of its own; of other libraries this is not known.
    if ranks == 1, MPIImplementation(describedBy: process.library) == .openMPI {
      return Finding(.ok, .memory, "one rank on \(process.host), which shares no memory")
    }
    let needed = facts.sharedMemoryNeeded[node] + ranks * libraryBytesPerRank
    let free = process.sharedMemory ?? 0
    guard free < needed else {
      return Finding(.ok, .memory, "\(megabytes(needed)) of \(megabytes(free)) shared memory on \(process.host)")
    }
    return Finding(
      .problem, .memory,
      "training takes \(megabytes(needed)) in /dev/shm on \(process.host), where \(megabytes(free)) are free",
      fix: "give the container or the host a larger one (docker run --shm-size, mount -o remount,size=), or empty it")
  }
}

/// Bytes in whole MB, rounded up.
private func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
