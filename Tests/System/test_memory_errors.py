"""Bits that flip in the memory of a running job: it ends with 70, names who has it, and nothing that was saved is lost."""

import json
import os
import re
import shutil
import signal
import socket
import struct
import time

import pytest

import harness
import memory
from harness import data_folder, equal, expect, fails, fingerspell, metrics, model, mpirun_command, succeeds
from test_stalls import Job, rank_processes

pytestmark = pytest.mark.commandline

# One long step an epoch: what the checkpoint of its beginning holds stays in memory until the step's end.
ROWS, EPOCHS = 1600, 100000
SHORT = ("--batch-size", ROWS, "--patience", EPOCHS, "--quiet")


def arguments(output, *more):
    """The training's arguments."""
    shutil.rmtree(harness.work / output, ignore_errors=True)
    return ("train", "--data", data_folder(ROWS), "--epochs", EPOCHS, *SHORT, "--output", output, *more)


def checkpoints(output):
    """The whole checkpoints of a run, the oldest first."""
    folder = harness.work / output / "checkpoints"
    return sorted(folder.glob("*.safetensors")) if folder.exists() else []


def vector(path, name):
    """Some numbers of a checkpoint's vector, as bytes: of the last LSTM layer, where hardly any is zero."""
    contents = path.read_bytes()
    length = struct.unpack("<Q", contents[:8])[0]
    header = json.loads(contents[8 : 8 + length])
    begin, _ = header[f"{name}/{TENSOR}"]["data_offsets"]
    return contents[8 + length + begin :][:256]


TENSOR = "lstm_1/recurrent_kernel"


def wait_for(job, condition, what):
    """Waits until something is so."""
    deadline = time.monotonic() + 30
    while not condition():
        expect(time.monotonic() < deadline and job.process.poll() is None, f"{what}: {job.err}")
        time.sleep(0.002)


def stop(pid):
    """Stops a process and waits until it stands."""
    os.kill(pid, signal.SIGSTOP)
    while not memory.is_stopped(pid):
        time.sleep(0.001)


def row(file, number):
    """The pixels of a row of a CSV."""
    line = (data_folder(ROWS) / file).read_text().splitlines()[number + 1]
    return bytes(int(word) for word in line.split(",")[1:])


def strike(job, pids, output, wanted):
    """Flips a bit of what `wanted(checkpoint)` is, in every copy that the processes have; returns whether there was one."""
    wait_for(job, lambda: len(checkpoints(output)) > 0, "no checkpoint")
    for _ in range(20):
        newest = checkpoints(output)[-1]
        wait_for(job, lambda: checkpoints(output)[-1:] not in ([], [newest]), "no further checkpoint")
        for pid in pids:
            stop(pid)
        try:
            bytes_there = wanted(checkpoints(output)[-1])
            places = [(pid, place) for pid in pids for place in memory.find(pid, bytes_there)]
            for pid, place in places:
                memory.flip(pid, place + 101)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
        if places:
            return
    raise AssertionError("the bytes were never found")


def finish(job):
    """The job's exit code and text, once it has ended."""
    code, _ = job.end(time.monotonic())
    return code, job.err


def damaged(command, output, wanted, ranks=None, victims=None):
    """Flips a bit in a job, and returns what it says; it must end with 70, and its checkpoints must be whole."""
    job = Job(command)
    try:
        processes = rank_processes(job, ranks) if ranks else {0: job.process.pid}
        strike(job, [processes[rank] for rank in victims or processes], output, wanted)
        code, err = finish(job)
    except BaseException:
        job.clear()
        raise
    equal(code, 70, err)
    expect("a fault of the hardware" in err and socket.gethostname() in err and "core " in err, err)
    return err


def goes_on(output, err, *more):
    """The run continues from where the message says, and its lines are those of a run that was not disturbed."""
    match = re.search(r"the checkpoint after step (\d+)", err)
    expect(match, err)
    equal(int(checkpoints(output)[-1].stem.split("-")[-1]), int(match[1]), "the newest checkpoint")
    lines = metrics(output)
    epochs = len(lines)
    succeeds(fingerspell("train", "--data", data_folder(ROWS), "--epochs", epochs, *SHORT, "--output", "reference", *more))
    same = [line["parameters_sha256"] for line in lines]
    equal(same, [line["parameters_sha256"] for line in metrics("reference")], "the lines before the flip")


VECTORS = [
    ("parameters", "the parameters", ()),
    ("adam/moment1", "Adam's first moments", ()),
    ("adam/moment2", "Adam's second moments", ()),
    ("average", "the moving average", ("--ema", "0.9")),
]


@pytest.mark.parametrize(("name", "text", "options"), [
    pytest.param(name, text, options, id=name)
    for name, text, options in VECTORS
])
def test_a_bit_of_a_vector_flips(name, text, options):
    """70: a bit flips in a vector of two threads."""
    command = [harness.program, *arguments("flipped", *options), "--workers", 2, "--verify-share", 0]
    err = damaged(command, "flipped", lambda path: vector(path, name))
    expect(f"{text} of " in err and TENSOR in err and "are not what the last step left" in err, err)
    goes_on("flipped", err, *options)


FILES = [("sign_mnist_train.csv", "training"), ("sign_mnist_test.csv", "validation")]


@pytest.mark.parametrize(("file", "what"), [
    pytest.param(file, what, id=what)
    for file, what in FILES
])
def test_a_bit_of_the_rows_flips(file, what):
    """70: a bit flips in the rows of two threads."""
    command = [harness.program, *arguments("flipped"), "--workers", 2]
    err = damaged(command, "flipped", lambda _: row(file, 21))
    expect(f"the pixels of {what} rows 16 to 31 are not what was loaded" in err, err)
    goes_on("flipped", err)


def test_a_bit_flips_in_the_moments_of_one_of_three_ranks():
    """70: a bit flips in the moments of one of three ranks, and the rank is named."""
    # The last of three has the last third of the parameters, and so that tensor.
    command = [*mpirun_command(3), harness.program, *arguments("flipped")]
    err = damaged(command, "flipped", lambda path: vector(path, "adam/moment2"), 3, [2])
    expect(re.search(r"Adam's second moments of [^,]*.*, found by rank 2 on \S+, core \d+", err), err)
    equal(err.count("has changed by itself"), 1, err)


def test_a_bit_flips_in_the_rows_that_three_ranks_share():
    """70: a bit flips in the rows that three ranks share."""
    command = [*mpirun_command(3), harness.program, *arguments("flipped")]
    err = damaged(command, "flipped", lambda _: row("sign_mnist_train.csv", 5), 3, [0])
    expect(re.search(r"the pixels of training rows 0 to 15 .*, found by rank \d on \S+, core \d+", err), err)


def test_verify_share_changes_no_bit_and_a_run_goes_on_with_another_one():
    """--verify-share changes no bit, and a run continues with another one."""
    words = ("train", "--data", data_folder(), "--quiet", "--batch-size", "40")
    succeeds(fingerspell(*words, "--epochs", 3, "--verify-share", 0, "--output", "share-0"))
    for share, workers in [("1", 1), ("1", 3), ("0.4", 2)]:
        output = f"share-{share}-{workers}"
        succeeds(fingerspell(*words, "--epochs", 3, "--verify-share", share, "--workers", workers, "--output", output))
        equal(model(output)[1], model("share-0")[1], output)
    run = harness.work / "share-0"
    (run / "model.safetensors").unlink()
    sorted((run / "checkpoints").glob("*.safetensors"))[-1].unlink()
    succeeds(fingerspell(*words, "--epochs", 3, "--verify-share", "1", "--output", "share-0", "--resume"))
    equal(model("share-0")[1], model("share-1-1")[1], "resumed")


def test_verify_share_that_is_no_fraction():
    """64: --verify-share that is no fraction."""
    for value in ["-0.1", "1.01", "nan", "inf", "1e19"]:
        fails(fingerspell("train", "--verify-share", value), 64, "--verify-share is ", "a fraction from 0 to 1")
    fails(fingerspell("train", "--verify-share", "much"), 64, "--verify-share")
