import FoundationEssentials
import Platform

/// A text as a literal of Python: JSON's literals are Python's too.
func pythonText(_ text: String) -> String {
  guard let data = try? ExactJSON.encoder().encode(text) else { preconditionFailure("a text has JSON") }
  return String(decoding: data, as: UTF8.self)
}

/// Names of attributes for the layers of a network.
///
/// Keras' own names, and most that users choose, are good names in Python too. Others become `layer_1`, `layer_2` and so on; those that
/// PyTorch's modules or Python have for something else get an underscore.
struct PythonNames {
  private var taken: Set<String> = []

  /// The attribute of a layer.
  mutating func attribute(_ layer: String) -> String {
    let letters = layer.unicodeScalars
    let isName =
      layer.count <= 64 && letters.first.map { ("a"..."z").contains($0) || ("A"..."Z").contains($0) } == true
      && letters.allSatisfy {
        ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
      }
    let base = isName ? layer + (Self.reserved.contains(layer) ? "_" : "") : "layer"
    var (name, number) = (base, 1)
    while (name == "layer" && !isName) || !taken.insert(name).inserted {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  /// The keywords of Python, and what `torch.nn.Module` has: `Tests/Clients/torch_client.py` compares the list with the real one.
  static let reserved: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
    "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
    "return", "try", "while", "with", "yield",
    "T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu", "cuda", "double",
    "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer", "get_extra_state", "get_parameter", "get_submodule",
    "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters",
    "parameters", "register_backward_hook", "register_buffer", "register_forward_hook", "register_forward_pre_hook",
    "register_full_backward_hook", "register_full_backward_pre_hook", "register_load_state_dict_post_hook",
    "register_load_state_dict_pre_hook", "register_module", "register_parameter", "register_state_dict_post_hook",
    "register_state_dict_pre_hook", "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to",
    "to_empty", "train", "training", "type", "xpu", "zero_grad",
  ]
}
