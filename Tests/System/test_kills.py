"""Kills a training run with SIGKILL at random moments while it writes checkpoints as fast as it can.

After each kill a whole checkpoint must be there, and the run continues from it; in the end its history and its model must be
those of a run without faults. The run is killed over and over, so that it advances from kill to kill.
The number of kills and the seed of their moments are options: --kills 100 --kills-seed 2.
"""

import csv
import random
import struct
import subprocess
import time
from hashlib import sha256

import pytest

# One worker has them all, in order.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("kills")]


def command(program, folder, epochs, every=1):
    """A run with a checkpoint after every step: nearly all its time goes into writing them."""
    words = ["train", "--epochs", epochs, "--steps-per-epoch", 50, "--batch-size", 8, "--workers", 1, "--patience", 999,
             "--checkpoint-every", every, "--quiet", "--data", folder.parent / "data", "--output", folder, "--resume"]  # fmt: skip
    return [str(word) for word in [program, *words]]


def is_whole(path):
    """Whether the last 32 bytes are the checksum of those before, and the header is as long as it says."""
    contents = path.read_bytes()
    return (len(contents) > 40 and 8 + struct.unpack("<Q", contents[:8])[0] < len(contents)
            and sha256(contents[:-32]).digest() == contents[-32:])  # fmt: skip


def checkpoints(folder):
    return sorted((folder / "checkpoints").glob("step-*.safetensors"))


def times(folder):
    """When each checkpoint was written; the run may remove one while they are looked at."""
    found = {}
    for path in checkpoints(folder):
        try:
            found[path] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
    return found


def history(folder):
    with open(folder / "metrics.csv", newline="") as file:
        return [{k: v for k, v in line.items() if not k.endswith("_seconds")} for line in csv.DictReader(file)]


def kill_once(program, folder, epochs, delay):
    """Starts or resumes the run, and kills it `delay` seconds after it has written something of its own.

    Returns whether it was killed in its midst, or its error.
    """
    before = times(folder)
    process = subprocess.Popen(command(program, folder, epochs), cwd=folder.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        if times(folder) != before:
            break
        time.sleep(0.001)
    time.sleep(delay)
    process.kill()
    error = process.communicate()[1]
    return process.returncode == -9, error


class Killed:
    """The run that is killed over and over."""

    def __init__(self, program, place, kills):
        self.program, self.place, self.folder = program, place, place / "killed"
        # 100 steps for each kill, so that the kills do not outlast the run: at most 80 ms pass before one, and a step with a
        # checkpoint that is flushed to the disk takes a millisecond or more.
        self.epochs = 2 * kills
        place.mkdir()
        rows = ["--train-rows", "1024", "--test-rows", "256"]
        subprocess.run([program, "data", "synthesize", place / "data", *rows], stdout=subprocess.DEVNULL, check=True)


@pytest.fixture(scope="module")
def run(program, work, pytestconfig):
    return Killed(program, work / "kills", pytestconfig.getoption("--kills"))


def pytest_generate_tests(metafunc):
    if "kill" in metafunc.fixturenames:
        metafunc.parametrize("kill", range(1, metafunc.config.getoption("--kills") + 1))


def test_a_kill_leaves_whole_checkpoints(kill, run, pytestconfig):
    """After a kill there are checkpoints, and all are whole."""
    delay = random.Random(f"{pytestconfig.getoption('--kills-seed')}, {kill}").uniform(0, 0.08)
    killed, error = kill_once(run.program, run.folder, run.epochs, delay)
    assert killed, f"the run ended by itself: {error}"
    there = checkpoints(run.folder)
    assert there
    # A damaged file under a real name would be a fault even beside whole ones; so would a warning of the next start.
    assert [path.name for path in there if not is_whole(path)] == []
    assert error == ""


def test_the_killed_run_ends_as_one_that_nobody_disturbed(run):
    """History and model are the same."""
    for folder in ("killed", "reference"):
        subprocess.run(command(run.program, run.place / folder, run.epochs, every=50), cwd=run.place, check=True)
    models = [(run.place / folder / "model.safetensors").read_bytes() for folder in ("killed", "reference")]
    assert models[0] == models[1]
    assert history(run.place / "killed") == history(run.place / "reference")
