"""Training of Keras models from their to_json() on real rows: every step's loss is Keras', in double precision, to 1e-5.

Tests/Goldens/train_network.py made the expected losses (without dropout; weights by formula), so that no Keras is needed here. The
rows come from $FINGERSPELL_DATA, or ../shared/data beside the repository; where they are not, these tests are skipped.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

import harness
from harness import equal, expect, fingerspell, metrics, mpirun, succeeds

GOLDENS = harness.ROOT / "Tests" / "Goldens"
sys.path.insert(0, str(GOLDENS))

import parity  # noqa: E402

pytestmark = pytest.mark.commandline

NAMES = sorted(path.stem for path in (GOLDENS / "parity").glob("*.json"))
DATA = parity.training_file(Path(os.environ.get("FINGERSPELL_DATA", harness.ROOT / "../shared/data")))
TOLERANCE = 1e-5  # relative: some hundred roundings of single precision; one wrong sample in a batch is 1e-3


def tolerance(expected):
    """Twice the difference of Keras' own single precision, where a network's kinks let roundings grow beyond 1e-5."""
    return max(TOLERANCE, 2 * expected["float32_difference"])


def golden(name):
    return json.loads((GOLDENS / "parity" / f"{name}.json").read_text())


def prepare(name):
    """Writes the model without dropout, its weights, and the rows, once."""
    expected = golden(name)
    count = len(expected["losses"]) * expected["batch_size"]
    model = json.loads((GOLDENS / "models" / f"{name}.json").read_text())
    (harness.work / f"{name}.json").write_text(json.dumps(parity.without_dropout(model)))
    parity.write_safetensors(harness.work / f"{name}.safetensors", parity.weights(expected["tensors"]))
    for part, size, skip in (("train", count, 0), ("test", 64, count)):
        lines = parity.rows(DATA, expected["classes"], size, skip)
        (harness.work / f"{name}-{part}.csv").write_text("".join(lines))
    return expected


def options(name, steps):
    """The training of a model over `steps` epochs of one step each."""
    return [
        "train", "--network", f"{name}.json", "--initial-weights", f"{name}.safetensors", "--train-csv", f"{name}-train.csv",
        "--test-csv", f"{name}-test.csv", "--shuffle", "none", "--steps-per-epoch", 1, "--epochs", steps, "--patience", "none",
        "--batch-size", golden(name)["batch_size"], "--output", f"{name}-run", "--quiet"]  # fmt: skip


def losses(name):
    return [float(line["loss"]) for line in metrics(f"{name}-run")]


def difference(found, expected):
    """The greatest relative difference."""
    equal(len(found), len(expected), "number of losses")
    return max(abs(ours / theirs - 1) for ours, theirs in zip(found, expected))


needs_data = pytest.mark.skipif(DATA is None, reason="the real data set is not here")


@needs_data
@pytest.mark.parametrize("name", NAMES)
def test_losses_of_every_step_are_those_of_keras(name):
    expected = prepare(name)
    equal(hashlib.sha256(DATA.read_bytes()).hexdigest(), expected["sha256"], "not the data set of the golden values")
    succeeds(fingerspell(*options(name, len(expected["losses"])), "--workers", 2))
    found = losses(name)
    expect(difference(found, expected["losses"]) < tolerance(expected), (found, expected["losses"]))


@needs_data
def test_losses_on_ranks_are_those_of_keras():
    expected = prepare("gru")
    succeeds(mpirun(3, *options("gru", 5)))
    expect(difference(losses("gru"), expected["losses"][:5]) < TOLERANCE, (losses("gru"), expected["losses"]))


@needs_data
def test_one_wrong_row_is_seen():
    """The comparison is close enough to see one other row in the first batch, and one weight that is off by a hundredth."""
    expected = prepare("gru")["losses"][:1]
    path = harness.work / "gru-train.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[-1], *lines[2:]]))
    succeeds(fingerspell(*options("gru", 1)))
    expect(difference(losses("gru"), expected) > TOLERANCE, losses("gru"))
    prepare("gru")
    weights = parity.weights(golden("gru")["tensors"])
    weights["gru/recurrent_kernel"][3, 5] += 0.01
    parity.write_safetensors(harness.work / "gru.safetensors", weights)
    succeeds(fingerspell(*options("gru", 1)))
    expect(difference(losses("gru"), expected) > 1e-8, losses("gru"))


def test_every_model_of_the_parity_table_has_losses():
    import models

    equal(NAMES, sorted(models.PARITY))
    for name in NAMES:
        expected = golden(name)
        equal(len(expected["losses"]), 40, name)
        expect(expected["versions"]["floatx"] == "float64", name)
        expect(expected["losses"][0] != expected["losses"][-1], name)
