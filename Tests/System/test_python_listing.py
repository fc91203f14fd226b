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

def load_file(path):
    contents = open(path, "rb").read()
    end = 8 + struct.unpack("<Q", contents[:8])[0]
    entries = json.loads(contents[8:end])
    return {name: np.frombuffer(contents[slice(*(end + place for place in entry["data_offsets"]))], "<f4").reshape(entry["shape"])
            for name, entry in entries.items() if name != "__metadata__"}

layers = types.SimpleNamespace(Conv1D=Conv1D, MaxPooling1D=MaxPooling1D, LSTM=LSTM, Dense=Dense, Dropout=Layer)
keras = types.ModuleType("keras")
keras.Sequential, keras.Input, keras.layers = Sequential, Layer, layers
safetensors = types.ModuleType("safetensors.numpy")
safetensors.load_file = load_file
sys.modules.update({"keras": keras, "safetensors": types.ModuleType("safetensors"), "safetensors.numpy": safetensors})
'''

MEASURE = """
print(json.dumps([float((probabilities.argmax(1) == rows[:, 0]).mean()),
                  float(-np.log(probabilities[range(len(rows)), rows[:, 0].astype(int)]).mean())]))
"""


def test_the_listing_measures_what_evaluate_does():
    """The listing, in NumPy, measures what evaluate does, standardised as the file says or not."""
    pages = [harness.ROOT / "README.md", *sorted((harness.ROOT / "docs").glob("*.md"))]
    blocks = [block for page in pages for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.S)]
    listing = next(block for block in blocks if "keras.Sequential" in block)
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
