import Glibc

extension ThreadCommunicator {
  func split(color: Int?, key: Int) throws -> (any Communicator)? {
    try collectively(Contribution(operation: "split", color: color, key: key)) {
      color.map { joinSubteam(color: $0) }
    }
  }

  func makeSharedSegment(byteCount: Int) throws -> SharedSegment {
    let node = topology.nodeOfRank[rank]
    let neighbours = topology.nodes[node]
    return try collectively(Contribution(operation: "makeSharedSegment", key: byteCount)) {
      for other in neighbours where team.contributions[other].key != byteCount || byteCount < 0 {
        let asked = team.contributions[other].key
        throw error(
          "makeSharedSegment",
          .invalidArgument("this worker requests \(byteCount) bytes, but worker \(other) of its node requests \(asked)")
        )
      }
      let memory = team.share(call: callNumber, part: node, members: neighbours.count) {
        team.run.makeMemory(byteCount: byteCount, members: neighbours.map { team.members[$0] })
      }
      let localRank = neighbours.firstIndex(of: rank)!
      return memory.segment(localRank: localRank, localSize: neighbours.count, waiting: waiting)
    }
  }

  private func joinSubteam(color: Int) -> ThreadCommunicator {
    let members = (0..<size).filter { team.contributions[$0].color == color }
      .sorted { (team.contributions[$0].key, $0) < (team.contributions[$1].key, $1) }
    let subteam = team.share(call: callNumber, part: color, members: members.count) {
      ThreadTeam(
        run: team.run, nodeKeys: members.map { topology.nodeOfRank[$0] }, members: members.map { team.members[$0] })
    }
    return ThreadCommunicator(team: subteam, rank: members.firstIndex(of: rank)!, heartbeat: heartbeat)
  }
}

/// Ends the process after flushing its output, whatever other threads are doing.
func endProcess(_ exitCode: Int32) -> Never {
  fflush(nil)
  _exit(exitCode)
}
