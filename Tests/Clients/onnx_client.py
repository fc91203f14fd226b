"""Opens exported .onnx files with onnx.checker and ONNX Runtime.

    onnx_client.py goldens FOLDER                    FOLDER/NAME.onnx of all golden architectures, against Keras' probabilities
    onnx_client.py rows MODEL.onnx ROWS.csv OURS     against the output of `fingerspell predict --format json`
    onnx_client.py describe MODEL.onnx               prints what is in it, as JSON
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime

import expected


def session(path):
    """The model, checked by onnx and opened by ONNX Runtime, which must have nothing to complain of."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return model, onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def probabilities(opened, pixels):
    """The probabilities of uint8 images; the logits must be what their softmax is of."""
    found, logits = opened.run(["probabilities", "logits"], {"image": pixels})
    exponentials = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    softmax = exponentials / exponentials.sum(1, keepdims=True)
    assert np.abs(found - softmax).max() < 1e-6, np.abs(found - softmax).max()
    return found


def describe(model):
    def port(value):
        dimensions = value.type.tensor_type.shape.dim
        return [value.name, value.type.tensor_type.elem_type, [side.dim_param or side.dim_value for side in dimensions]]

    return {
        "format": model.ir_version,
        "operators": [[entry.domain, entry.version] for entry in model.opset_import],
        "producer": [model.producer_name, model.producer_version],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "inputs": [port(value) for value in model.graph.input],
        "outputs": [port(value) for value in model.graph.output],
        "nodes": [node.op_type for node in model.graph.node],
    }


def main(task, path, *more):
    if task == "goldens":
        expected.compare_goldens(path, ".onnx", lambda file, pixels: probabilities(session(file)[1], pixels))
    elif task == "rows":
        model, opened = session(path)
        classes = json.loads({entry.key: entry.value for entry in model.metadata_props}["class_names"])
        shape = opened.get_inputs()[0].shape[1:]
        expected.compare_rows(*more, classes, shape, lambda pixels: probabilities(opened, pixels))
    else:
        print(json.dumps(describe(session(path)[0])))


main(*sys.argv[1:])
