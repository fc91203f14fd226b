"""Run folders whose files are not what the run wrote: finished runs with another model, checkpoints of absurd size or state."""

import hashlib
import json
import os
import shutil
import signal
import struct

import pytest

import harness
from harness import data_folder, equal, execute, expect, fingerspell, succeeds
from test_resume import checkpoints, interrupt, launched, reference, resume, same_as_reference, words

pytestmark = pytest.mark.commandline


def copied(folder):
    """A copy of the finished run that nobody interrupted."""
    shutil.copytree(harness.work / reference(), harness.work / folder)
    return folder


def stopped(folder):
    """A copy of a run that was stopped in its midst."""
    original = harness.work / "stopped-once"
    if not original.exists():
        command = launched("threads", 1, words("stopped-once", "--checkpoint-every", "1"))
        equal(interrupt(command, "stopped-once", signal.SIGUSR1, 26).code, 75)
    shutil.copytree(original, harness.work / folder)
    return folder


def flipped(place):
    """One bit changed."""
    return lambda model: model[:place] + bytes([model[place] ^ 4]) + model[place + 1 :]


def other_model(_):
    """The model of another run."""
    if not (harness.work / "another").exists():
        succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--output", "another", "--quiet"))
    return (harness.work / "another/model.safetensors").read_bytes()


DAMAGES = {
    "missing": (None, "is missing"),
    "empty": (lambda _: b"", "is empty"),
    "cut": (lambda model: model[:-1], "is damaged or another run's"),
    "cut in its header": (lambda model: model[:200], "is damaged or another run's"),
    "longer": (lambda model: model + b"\0", "is damaged or another run's"),
    "changed in its first byte": (flipped(0), "is damaged or another run's"),
    "changed in its header": (flipped(40), "is damaged or another run's"),
    "changed in its weights": (flipped(-70_001), "is damaged or another run's"),
    "changed in its last byte": (flipped(-1), "is damaged or another run's"),
    "another run's": (other_model, "is damaged or another run's"),
    "of zeros": (lambda model: bytes(len(model)), "is damaged or another run's"),
}


def test_a_model_that_is_not_the_finished_runs_own_is_written_again():
    """The model of a finished run that is not the run's own is written again, and what was there is kept."""
    for number, (kind, (damage, words_of_it)) in enumerate(DAMAGES.items()):
        folder = copied(f"finished-{number}")
        model = harness.work / folder / "model.safetensors"
        damaged = damage and damage(model.read_bytes())
        if damaged is None:
            model.unlink()
        else:
            model.write_bytes(damaged)
        result = succeeds(resume("ranks" if number % 4 == 1 else "threads", 2, folder))
        expect(f"warning: the run in {folder} is finished, but its model {folder}/model.safetensors {words_of_it}: it is "
               "written again from " in result.err, f"{kind}: {result}")  # fmt: skip
        same_as_reference(folder)
        kept = harness.work / folder / "earlier-1/model.safetensors"
        equal(kept.read_bytes() if kept.exists() else b"", damaged or b"", f"{kind}: what was there")
        result = succeeds(resume("threads", 1, folder))
        expect(result.out.startswith(f"The run in {folder} is finished: ") and result.err == "", f"{kind}: {result}")


def test_a_finished_runs_model_of_a_terabyte_is_not_read():
    """A finished run's model of a terabyte is not read."""
    folder = copied("finished-huge")
    os.truncate(harness.work / folder / "model.safetensors", 1 << 40)
    command = launched("threads", 1, words(folder, "--resume"))
    result = succeeds(execute(["bash", "-c", 'ulimit -v 8000000; exec "$@"', "-", *command]))
    expect("is damaged or another run's" in result.err, result)
    same_as_reference(folder)


def test_a_damaged_model_is_told_even_by_a_run_that_shows_nothing_else():
    """A damaged model is told even by a run that shows nothing else."""
    folder = copied("finished-quiet")
    (harness.work / folder / "model.safetensors").write_bytes(b"")
    result = succeeds(resume("threads", 1, folder, "--quiet"))
    expect("Resuming" not in result.out, result)
    equal(result.err.count("is empty: it is written again"), 1, result)
    same_as_reference(folder)


def test_a_newest_checkpoint_of_absurd_size_is_passed_over():
    """A newest checkpoint of absurd size, or no file at all, is passed over."""
    def grow(size):
        return lambda path: os.truncate(path, size)

    def fifo(path):
        path.unlink()
        os.mkfifo(path)

    def folder_(path):
        path.unlink()
        path.mkdir()

    def dangling(path):
        path.unlink()
        path.symlink_to("nowhere")

    damages = {"a terabyte": grow(1 << 40), "ten gigabytes": grow(10 << 30), "a hundred megabytes": grow(100_000_000),
               "FIFO": fifo, "folder": folder_, "dangling": dangling}  # fmt: skip
    for number, (kind, damage) in enumerate(damages.items()):
        folder = stopped(f"absurd-{number}")
        newest, second, *_ = checkpoints(folder)
        damage(newest)
        result = succeeds(resume("threads", 2, folder))
        expect("warning: " in result.err and newest.name in result.err, f"{kind}: {result}")
        expect("; trying the " in result.err and f"from {folder}/checkpoints/{second.name}" in result.out, f"{kind}: {result}")
        if kind != "folder":
            same_as_reference(folder)


def sealed(path, change):
    """Changes the state in a checkpoint and seals it again with the right checksum."""
    bytes_ = path.read_bytes()
    length = struct.unpack("<Q", bytes_[:8])[0]
    header = json.loads(bytes_[8 : 8 + length])
    state = json.loads(header["__metadata__"]["state"])
    change(state)
    header["__metadata__"]["state"] = json.dumps(state)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    whole = struct.pack("<Q", len(text)) + text + bytes_[8 + length : -32]
    path.write_bytes(whole + hashlib.sha256(whole).digest())


def put(value, *keys):
    """Gives a number of the state another value."""
    def change(state):
        for key in keys[:-1]:
            state = state[key]
        expect(keys[-1] in state, f"the state has no {keys}: {state}")
        state[keys[-1]] = value

    return change


def test_a_checkpoint_with_impossible_numbers_is_passed_over():
    """A checkpoint with a right checksum and impossible numbers is passed over, whatever they are."""
    # The case can fail: sealed without a change, the newest checkpoint is taken.
    folder = stopped("sealed")
    newest = checkpoints(folder)[0]
    sealed(newest, lambda _: None)
    result = succeeds(resume("threads", 1, folder))
    expect(f"from {folder}/checkpoints/{newest.name}" in result.out and result.err == "", result)
    same_as_reference(folder)

    most = (1 << 63) - 1
    changes = [put(most, "position", key) for key in ("stepsTaken", "dataEpoch", "epoch", "dataEpochStep", "epochStep")]
    changes += [put(-1, "position", key) for key in ("stepsTaken", "dataEpoch", "epoch", "dataEpochStep", "epochStep")]
    changes += [put(1 << 33, "position", "dataEpoch"), put(1 << 62, "position", "epoch"), put(4, "position", "epochStep")]
    changes += [put(value, "log", "stopping", "wait") for value in (most, -1 - most)]
    changes += [put(value, "log", "stopping", "bestEpoch") for value in (most, 0)]
    changes += [put(value, "log", "samples", key) for key in ("correct", "count") for value in (most, -1)]
    changes += [put(True, "log", "stopping", "isOver"), put(1e-300, "log", "stopping", "best"), put([], "log", "epochs")]

    def all_at_once(state):
        for change in changes[:2] + changes[13:14]:
            change(state)

    for number, change in enumerate([*changes, all_at_once]):
        folder = stopped(f"impossible-{number}")
        newest, second, *_ = checkpoints(folder)
        sealed(newest, change)
        result = succeeds(resume("threads", 1, folder))
        expect(f"{newest.name} is damaged: " in result.err, f"change {number}: {result}")
        expect(f"from {folder}/checkpoints/{second.name}" in result.out, f"change {number}: {result}")
        same_as_reference(folder)
        shutil.rmtree(harness.work / folder)


def test_a_checkpoint_without_moments_is_passed_over():
    """A checkpoint with a right checksum and no moments, or under another step's name, is passed over."""
    folder = stopped("renamed")
    newest = checkpoints(folder)[0]
    shutil.copy(newest, newest.with_name("step-00000061.safetensors"))
    result = succeeds(resume("threads", 1, folder))
    expect("step-00000061.safetensors is damaged: it is of another step" in result.err, result)
    same_as_reference(folder)
