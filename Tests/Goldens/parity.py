"""What Keras and fingerspell are both given where their training is compared: weights, rows, the model without dropout.

train_network.py uses it with Keras, and the system tests without: it needs only NumPy.
"""

import hashlib
import json
import struct

import numpy as np

import formula

SEED = 0
DROPOUT = ("rate", "dropout", "recurrent_dropout")


def weights(tensors):
    """The formula's weights of these tensors (as tensors.describe lists them), by name."""
    return {
        tensor["name"]: formula.tensor(SEED, i, tensor["shape"], tensor["scale"], tensor["offset"])
        for i, tensor in enumerate(tensors)
    }


def without_dropout(value):
    """A model's JSON with all rates of dropout 0."""
    if isinstance(value, list):
        return [without_dropout(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {key: 0.0 if key in DROPOUT and isinstance(element, float) else without_dropout(element)
            for key, element in value.items()}  # fmt: skip


def training_file(folder):
    """sign_mnist_train.csv in the data set's folder, or in a folder of its name as in Kaggle's zip."""
    name = "sign_mnist_train.csv"
    candidates = [folder / name, folder / name.removesuffix(".csv") / name, folder / name / name]
    return next((path for path in candidates if path.is_file()), None)


def rows(path, classes, count, skip=0):
    """The header and the lines of `count` rows whose label is below `classes`, after `skip` such rows."""
    with open(path) as file:
        lines = [next(file)]
        for line in file:
            if int(line.split(",", 1)[0]) < classes:
                lines.append(line)
            if len(lines) == 1 + skip + count:
                return lines[:1] + lines[1 + skip :]
    raise ValueError(f"{path} has fewer than {skip + count} rows with a label below {classes}")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_safetensors(path, tensors):
    """A safetensors file of single-precision tensors."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = np.ascontiguousarray(tensor, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
