"""What an exported model must give: Keras' probabilities of Tests/Goldens/architectures, and ours of real rows."""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

GOLDENS = Path(__file__).resolve().parents[1] / "Goldens"
sys.path.insert(0, str(GOLDENS))

import formula  # noqa: E402

SAMPLES = 11
TOLERANCE = 2e-6


def architectures():
    """The table of the golden architectures, by name."""
    return {entry["name"]: entry for entry in json.loads((GOLDENS / "architectures" / "index.json").read_text())["architectures"]}


def golden(entry):
    """The pixels of an architecture's first samples, and Keras' probabilities in double precision."""
    pixels, _ = formula.samples(entry["seed"], entry["input_shape"], entry["classes"], 0, SAMPLES)
    return pixels, load_file(GOLDENS / "architectures" / f"{entry['name']}.safetensors")["probabilities"]


def compare_goldens(folder, suffix, probabilities):
    """Compares all exported models of a folder; `probabilities` computes them from a file and pixels. Prints the greatest difference
    of each as JSON, and ends with 1 if one is too large, or if a file is missing."""
    differences = {}
    for name, entry in architectures().items():
        pixels, expected = golden(entry)
        found = probabilities(Path(folder) / f"{name}{suffix}", pixels)
        assert found.shape == expected.shape and found.dtype == np.float32, (name, found.shape, found.dtype)
        differences[name] = float(np.abs(found - expected).max())
        # The batch has any length.
        one = probabilities(Path(folder) / f"{name}{suffix}", pixels[:1])
        assert np.abs(one - expected[:1]).max() < TOLERANCE, name
    print(json.dumps(differences))
    wrong = {name: value for name, value in differences.items() if not value < TOLERANCE}
    assert not wrong, wrong


def rows(path):
    """The labels and pixels, [rows, 784], of a file of rows."""
    table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.int64)
    return table[:, 0], table[:, 1:].astype(np.uint8)


def compare_rows(rows_path, predictions_path, classes, shape, probabilities):
    """Compares the probabilities of the rows with those of `fingerspell predict --format json`: all predictions, and the probabilities
    of the first 1,000. Prints the greatest difference and the number of rows as JSON."""
    _, pixels = rows(rows_path)
    predictions = json.loads(Path(predictions_path).read_text())["predictions"]
    ours = np.array([[entry["probabilities"][name] for name in classes] for entry in predictions])
    theirs = probabilities(pixels.reshape(-1, *shape))
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    difference = float(np.abs(ours[:1000] - theirs[:1000]).max())
    other = int((ours.argmax(1) != theirs.argmax(1)).sum())
    print(json.dumps({"rows": len(ours), "difference": difference, "other_predictions": other}))
    assert difference < TOLERANCE and other == 0, (difference, other)
