"""`export`: models for other programs, opened by these programs (Tests/Clients), for all golden architectures and on real rows."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

import harness
from harness import client, equal, expect, fails, fingerspell, succeeds
from test_training import reference

GOLDENS = harness.ROOT / "Tests" / "Goldens"
sys.path.insert(0, str(GOLDENS))

import formula  # noqa: E402
import parity  # noqa: E402

pytestmark = pytest.mark.commandline

MODEL = "reference/model.safetensors"
ARCHITECTURES = json.loads((GOLDENS / "architectures" / "index.json").read_text())["architectures"]
DATA = parity.training_file(Path(os.environ.get("FINGERSPELL_DATA", harness.ROOT / "../shared/data")))
needs_data = pytest.mark.skipif(DATA is None, reason="the real data set is not here")


def exported(suffix):
    """The folder of all golden architectures, with the formula's weights, in a format."""
    folder = harness.work / f"goldens{suffix}"
    if folder.exists():
        return folder
    folder.mkdir()
    for entry in ARCHITECTURES:
        name = entry["name"]
        weights = {
            tensor["name"]: formula.tensor(entry["seed"], i, tensor["shape"], tensor["scale"], tensor["offset"])
            for i, tensor in enumerate(entry["tensors"])
        }
        parity.write_safetensors(folder / f"{name}.weights", weights)
        network = GOLDENS / "architectures" / f"{name}.json"
        succeeds(fingerspell("export", folder / f"{name}.weights", folder / f"{name}{suffix}", "--network", network))
    return folder


def agrees(result):
    """Nothing was far from Keras, and all architectures were compared."""
    found = json.loads(succeeds(result).out)
    equal(sorted(found), sorted(entry["name"] for entry in ARCHITECTURES))


def test_onnx_runtime_agrees_with_keras_on_every_architecture():
    """Every golden architecture passes onnx.checker, and ONNX Runtime's probabilities are Keras' within 2e-6."""
    agrees(client("onnx_client.py", "goldens", exported(".onnx")))


def test_pytorch_agrees_with_keras_on_every_architecture():
    """Every golden architecture as a module of PyTorch: its probabilities are Keras' within 2e-6, without a warning."""
    agrees(client("torch_client.py", "goldens", exported(".py")))
