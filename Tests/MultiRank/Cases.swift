import Communication
import CommunicatorContract
import MPICommunication

/// A test that several processes run together, in a job of its own.
struct MultiRankCase: Sendable {
  /// How the job must end. The driver holds it to this.
  enum Ending {
    /// With exit code 0.
    case success
    /// With this exit code, within two seconds of a line with this text on standard error.
    case failure(code: Int32, text: String)
    /// The same, started alone with the environment of another implementation's launcher.
    case wrongLauncher(code: Int32, text: String)
  }

  let name: String
  let counts: [Int]
  let timeLimit: Int
  let ending: Ending
  let body: @Sendable (MPICommunicator) throws -> Void

  init(
    _ name: String, counts: [Int] = [1, 2, 3, 4], timeLimit: Int = 60, ending: Ending = .success,
    _ body: @escaping @Sendable (MPICommunicator) throws -> Void
  ) {
    self.name = name
    self.counts = counts
    self.timeLimit = timeLimit
    self.ending = ending
    self.body = body
  }

  static let all = contract + ranksAlone + failures

  /// The contract that threads keep too.
  private static let contract = [
    keeping("contract-collectives", ContractCase.collectives), keeping("contract-messages", ContractCase.messages),
    keeping("contract-groups", ContractCase.groups), keeping("contract-segments", ContractCase.segments),
  ]

  private static func keeping(_ name: String, _ clauses: [ContractCase]) -> MultiRankCase {
    MultiRankCase(name, counts: [1, 2, 3, 4, 7], timeLimit: 120) { communicator in
      for clause in clauses {
        do { try clause.body(communicator) } catch { throw Unexpected("\(clause.name): \(error)") }
      }
    }
  }

  /// One line for the driver: name, rank counts, seconds, launch, exit code, text; between tabs.
  var line: String {
    let (launch, code, text) =
      switch ending {
      case .success: ("mpirun", Int32(0), "")
      case .failure(let code, let text): ("mpirun", code, text)
      case .wrongLauncher(let code, let text): ("alone", code, text)
      }
    let counts = counts.map(String.init).joined(separator: ",")
    return [name, counts, "\(timeLimit)", launch, "\(code)", text].joined(separator: "\t")
  }
}

/// What a test found instead of what it expected.
struct Unexpected: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

func expectEqual<Value: Equatable>(_ actual: Value, _ expected: Value, _ what: String) throws {
  guard actual == expected else { throw Unexpected("\(what) is \(actual), not \(expected)") }
}
