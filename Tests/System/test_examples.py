"""The programs of Examples/, a package of its own that depends on this one by path, built for debugging as a user would."""

import re
import subprocess
from pathlib import Path

import pytest

from harness import equal, execute, expect, succeeds
from mpirun import mpirun_command

pytestmark = pytest.mark.examples

PACKAGE = Path(__file__).resolve().parent.parent.parent / "Examples"


@pytest.fixture(scope="module")
def programs():
    """The folder of the built examples."""
    build = ["swift", "build", "--package-path", PACKAGE, "--quiet"]
    subprocess.run(build, check=True, stdin=subprocess.DEVNULL, timeout=800)
    shown = subprocess.run([*build, "--show-bin-path"], check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    return Path(shown.stdout.strip())


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_examples_on_ranks(programs, ranks):
    """HelloRanks and AllReduce: every rank speaks, and the sums are right."""
    hello = succeeds(execute([*mpirun_command(ranks), programs / "HelloRanks"])).out.splitlines()
    equal([line.split(" on ")[0] for line in hello[:-1]], [f"Hello from rank {rank} of {ranks}" for rank in range(ranks)])
    total, most = sum(range(ranks)), ranks - 1
    equal(succeeds(execute([*mpirun_command(ranks), programs / "AllReduce"])).out.splitlines(), [
        f"sum: [{total}.0, {10 * total}.0, {ranks}.0], maximum: [{most}.0, {10 * most}.0, 1.0]",
        f"average rank: {total / ranks}",
    ])


def test_examples_train_and_predict(programs):
    """Train prints its events and writes a model, which Predict reads."""
    trained = succeeds(execute([programs / "Train"])).out
    equal(re.findall(r"^epoch (\d), step (\d+): loss \d", trained, re.MULTILINE), [("1", "50"), ("1", "100"), ("2", "50"), ("2", "100")])
    expect(re.search(r"^epoch 2: val_loss 1\.\d+, val_accuracy 0\.\d+$", trained, re.MULTILINE), trained)
    predicted = succeeds(execute([programs / "Predict", "model.safetensors"])).out.splitlines()
    equal([bool(re.fullmatch(r"[A-Y]: probability 0\.\d+(e-\d+)?", line)) for line in predicted], [True, True, True, False])
    expect(re.fullmatch(r"true class: [A-Y]", predicted[3]), predicted)
    equal(execute([programs / "Predict"]).code, 64)


@pytest.mark.parametrize("command, code, text", [
    (["Predict", "no-such-model"], 74, "Predict: cannot open no-such-model"),
    (["Predict", "model.safetensors", "rows.csv", "one"], 64, "usage: Predict MODEL"),
    (["Train", "no-such-folder"], 65, "no-such-folder"),
])  # fmt: skip
def test_examples_name_what_is_wrong(programs, command, code, text):
    """Train and Predict end with the error's message and exit code."""
    result = execute([programs / command[0], *command[1:]])
    equal(result.code, code, result)
    expect(text in result.out and "Fatal" not in result.err, result)
