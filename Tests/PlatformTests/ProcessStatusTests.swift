import Glibc
import Platform
import TestTags
import Testing

/// What is read of /proc/PID/stat: the name in parentheses may hold anything.
@Suite("/proc/PID/stat is parsed whatever the process is called", .tags(.processes))
struct ProcessStatusTests {
  private func parse(_ line: String) -> ProcessStatus? {
    Array(line.utf8).withUnsafeBytes { ProcessStatus(parsing: $0) }
  }

  private let numbers = (4...52).map(String.init).joined(separator: " ")

  @Test(arguments: ["a", "a ) 5 6", "(mpirun)", "", "x) R 7 (y"])
  func `Fields are counted from the name's end, whatever the name`(_ name: String) {
    let status = parse("812 (\(name)) S \(numbers)\n")
    #expect(status?.name == name)
    #expect(status?.state == UInt8(ascii: "S"))
    #expect(status?.parent == 4)
    #expect(status?.startTime == 22)
  }

  @Test(arguments: ["", "1 (a) S 4 5\n", "1 a S 4 5", ")(", "1 (a) SS 4 5"])
  func `A line that is no status is none`(_ line: String) { #expect(parse(line) == nil) }

  @Test func `This process has a status, a parent and an age`() {
    #expect(ProcessStatus(process: Int(getpid()))?.parent == Int(getppid()))
    #expect(ProcessStatus(process: Int(getpid()), thread: ProcessStatus.ownThread) != nil)
    #expect(ProcessAge.seconds != nil)
  }
}
