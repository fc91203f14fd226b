"""The listing in the docs that uses a model in Python: run as it stands, against what `evaluate` says."""

import json
import re
import subprocess
import sys

import pytest

import harness
from harness import data_folder, equal, expect
from test_model_files import score
from test_training import train

pytestmark = pytest.mark.commandline

# What the listing imports, in so much of NumPy: Keras' layers, and safetensors' reader.
STAND_INS = '''
import json, struct, sys, types
import numpy as np

def sigmoid(x): return 1 / (1 + np.exp(-x))
def relu(x): return np.maximum(x, 0)
def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)

class Layer:
    weights = 0
    def __init__(self, *sizes, activation=None, **options):
        self.activation = {"relu": relu, "softmax": softmax, None: lambda x: x}[activation]
        self.options = options
    def call(self, x): return x

class Conv1D(Layer):
    weights = 2
    def call(self, x):
        kernel, bias = self.values
        padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
        return self.activation(sum(padded[:, k:k + x.shape[1]] @ kernel[k] for k in range(3)) + bias)

class MaxPooling1D(Layer):
    def call(self, x): return np.maximum(x[:, 0::2], x[:, 1::2])

class LSTM(Layer):
    weights = 3
    def call(self, x):
        kernel, recurrent, bias = self.values
        hidden = cell = np.zeros((len(x), 64))
        outputs = []
        for t in range(x.shape[1]):
            i, f, g, o = np.split(x[:, t] @ kernel + hidden @ recurrent + bias, 4, axis=1)
            cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
            hidden = sigmoid(o) * np.tanh(cell)
            outputs.append(hidden)
        return np.stack(outputs, 1) if self.options.get("return_sequences") else hidden

class Dense(Layer):
    weights = 2
    def call(self, x): return self.activation(x @ self.values[0] + self.values[1])

class Sequential:
    def __init__(self, layers): self.layers = layers
    def set_weights(self, values):
        values = list(values)
        for layer in self.layers:
            layer.values, values = values[:layer.weights], values[layer.weights:]
        assert not values
    def predict(self, x):
        x = x.astype(np.float64)
        for layer in self.layers: x = layer.call(x)
        return x

class File:
    def __init__(self, path, framework):
        self.contents = open(path, "rb").read()
        self.end = 8 + struct.unpack("<Q", self.contents[:8])[0]
        self.entries = json.loads(self.contents[8:self.end])
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def metadata(self): return self.entries["__metadata__"]
    def offset_keys(self):
        names = [name for name in self.entries if name != "__metadata__"]
        return sorted(names, key=lambda name: self.entries[name]["data_offsets"])
    def get_tensor(self, name):
        entry = self.entries[name]
        values = self.contents[slice(*(self.end + offset for offset in entry["data_offsets"]))]
        return np.frombuffer(values, "<f4").reshape(entry["shape"])

def model_from_json(text):
    kinds = {"Conv1D": Conv1D, "MaxPooling1D": MaxPooling1D, "LSTM": LSTM, "Dense": Dense, "Dropout": Layer}
    first, *rest = json.loads(text)["config"]["layers"]
    def option(layer, name): return layer["config"].get(name)
    model = Sequential([
        kinds[layer["class_name"]](activation=None if layer["class_name"] == "LSTM" else option(layer, "activation"),
                                   return_sequences=option(layer, "return_sequences")) for layer in rest])
    model.input_shape = tuple(first["config"]["batch_shape"])
    return model

keras = types.ModuleType("keras")
keras.models = types.SimpleNamespace(model_from_json=model_from_json)
safetensors = types.ModuleType("safetensors")
safetensors.safe_open = File
sys.modules.update({"keras": keras, "safetensors": safetensors})
'''

MEASURE = """
print(json.dumps([float((output.argmax(1) == rows[:, 0]).mean()),
                  float(-np.log(output[range(len(rows)), rows[:, 0].astype(int)]).mean())]))
"""


def test_the_listing_measures_what_evaluate_does():
    """The listing, in NumPy, measures what evaluate does, standardised as the file says or not."""
    pages = [harness.ROOT / "README.md", *sorted((harness.ROOT / "docs").glob("*.md"))]
    blocks = [block for page in pages for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.S)]
    listing = next(block for block in blocks if "model_from_json" in block)
    for run, option in [("python", "--standardize"), ("python-unit", "--no-standardize")]:
        train(run, "--quiet", option)
        loss, accuracy = score(f"{run}/model.safetensors")[0]
        script = listing.replace("data/sign_mnist_test.csv", str(data_folder() / "sign_mnist_test.csv"))
        script = STAND_INS + script.replace('"model.safetensors"', f'"{run}/model.safetensors"') + MEASURE
        done = subprocess.run([sys.executable, "-c", script], cwd=harness.work, capture_output=True, text=True)
        expect(done.returncode == 0, done)
        found = json.loads(done.stdout.splitlines()[-1])
        equal(found[0], accuracy, option)
        expect(abs(found[1] - loss) < 1e-4, f"{option}: a loss of {found[1]} instead of {loss}")
