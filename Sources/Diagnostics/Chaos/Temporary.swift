import Checkpoints
import Glibc
public enum CheckpointNames {
  private static let prefix = "step-"
  private static let suffix = ".safetensors"
  public static func name(step: Int) -> String {
    let digits = String(step)
    return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + suffix
  }
  public static func step(_ name: String) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count else { return nil }
    let step = Int(name.dropFirst(prefix.count).dropLast(suffix.count))
    return step.flatMap { $0 >= 0 && Self.name(step: $0) == name ? $0 : nil }
  }
}
extension AtomicFile {
  static func isTemporary(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".tmp") }
}
extension Folders {
  static func names(in path: String) throws -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }
}
