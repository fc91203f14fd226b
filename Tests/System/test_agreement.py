"""Ranks that were not started alike, and files that change while they are read: refused before anything is done."""

import os
import shutil
import threading
import time

import pytest

import harness
from harness import data_folder, equal, execute, expect, fails, fingerspell, mpirun, mpirun_command, succeeds
from test_training import reference

pytestmark = pytest.mark.commandline

# Words after `fingerspell` on rank 0, words on rank 1, and what must be said of the difference.
DIFFERENT = [
    (["train"], ["train", "--learning-rate", "0.01"], "--learning-rate: 0.001 on rank 0", "0.01 on rank 1"),
    (["train"], ["train", "--no-dropout"], "--dropout: 0.3 on rank 0", "0 on rank 1"),
    (["train", "--epochs", "3"], ["train", "--epochs", "4"], "--epochs: 3 on rank 0", "4 on rank 1"),
    (["train"], ["train", "--batch-size", "48"], "--batch-size: 32 on rank 0", "48 on rank 1"),
    (["train"], ["train", "--all-reduce", "mpi"], "--all-reduce: reproducible on rank 0", "mpi on rank 1"),
    (["train"], ["train", "--recipe", "best"], "--ema: 0 on rank 0", "0.999 on rank 1"),
    (["train"], ["train", "--augment", "--augment-noise", "3"], "--augment-noise: not given on rank 0", "3 on rank 1"),
    (["train"], ["train", "--validation-split", "0.1"], "--validation-split: not given on rank 0", "0.1 on rank 1"),
    (["train", "--output", "r"], ["train", "--output", "r", "--resume"], "--resume: false on rank 0", "true on rank 1"),
    (["train"], ["train", "--checkpoint-every", "5"], "--checkpoint-every: not given on rank 0", "5 on rank 1"),
    (["train"], ["train", "--initial-weights", "w"], "--initial-weights: not given on rank 0", "w on rank 1"),
    (["train"], ["train", "--stall-timeout", "9"], "--stall-timeout: 120.0 on rank 0", "9.0 on rank 1"),
    (["evaluate", "m"], ["evaluate", "n"], "the model: m on rank 0", "n on rank 1"),
    (["evaluate", "m"], ["evaluate", "m", "--corruption", "noise"], "--corruption: not given on rank 0", "on rank 1"),
    (["predict", "m"], ["predict", "m", "--row", "3"], "--row: [] on rank 0", "[3] on rank 1"),
    (["benchmark", "step"], ["benchmark", "step", "--batch-size", "8"], "--batch-size: not given on rank 0", "8 on rank 1"),
    (["benchmark", "step"], ["benchmark", "load"], "command: benchmark step on rank 0", "benchmark load on rank 1"),
    (["doctor"], ["doctor", "--batch-size", "64"], "--batch-size: 32 on rank 0", "64 on rank 1"),
    (["train"], ["evaluate", "m"], "command: train on rank 0", "evaluate on rank 1"),
    (["train"], ["predict", "m"], "command: train on rank 0", "predict on rank 1"),
    (["train"], ["data", "inspect", "d"], "command: train on rank 0", "data inspect on rank 1"),
    (["data", "inspect", "d"], ["data", "synthesize", "d"], "command: data inspect on rank 0", "data synthesize on rank 1"),
    (["doctor"], ["train"], "command: doctor on rank 0", "train on rank 1"),
    (["prove"], ["train"], "command: prove on rank 0", "train on rank 1"),
    (["train"], ["--help"], "command: train on rank 0", "on rank 1"),
    (["train"], ["train", "--help"], "command: train on rank 0", "on rank 1"),
    (["train"], ["--version"], "command: train on rank 0", "--version on rank 1"),
    (["--version"], ["train"], "command: --version on rank 0", "train on rank 1"),
    (["train", "--data", "d"], ["train"], "data: named on rank 0", "not named on rank 1"),
    (["evaluate", "m"], ["evaluate", "m", "--test-csv", "t"], "data: not named on rank 0", "named on rank 1"),
    (["doctor", "--data", "d"], ["doctor"], "data: named on rank 0", "not named on rank 1"),
]  # fmt: skip


def several(*programs, **options):
    """Runs a rank of each of these command lines, in one job."""
    launcher = mpirun_command(1)
    words = [*launcher, *programs[0]]
    for program in programs[1:]:
        words += [":", *launcher[-2:], *program]
    return execute(words, **options)


@pytest.mark.parametrize(("first", "second", "texts"), [
    pytest.param(first, second, texts, id=f"rank 0 runs `{' '.join(first)}`, rank 1 `{' '.join(second)}`")
    for first, second, *texts in DIFFERENT
])
def test_different_command_lines(first, second, texts):
    """64: two ranks with different command lines; each difference is named."""
    begin = time.monotonic()
    result = several([harness.program, *first], [harness.program, *second])
    fails(result, 64, "the ranks of this job were not started alike", *texts)
    equal(result.err.count("were not started alike"), 1, result)
    expect(time.monotonic() - begin < 20, "it took as long as a stall")
    equal(sorted(p.name for p in harness.work.iterdir() if p.name in ("runs", "r", "d")), [], "something was made")


def test_a_wrapper_script_that_gives_every_rank_a_seed_of_its_own():
    """64: a wrapper script that gives every rank a seed of its own; four ranks, two of them alike."""
    script = harness.work / "wrapper"
    script.write_text(f'#!/bin/sh\nexec {harness.program} "$@" --seed $((100 + ${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}} / 2))\n')
    script.chmod(0o755)
    result = execute([*mpirun_command(4), script, "train", "--data", data_folder()])
    fails(result, 64, "--seed: 100 on ranks 0, 1 (", "; 101 on ranks 2, 3 (")
    script.write_text(script.read_text().replace(" / 2", ""))
    fails(execute([*mpirun_command(4), script, "train", "--data", data_folder()]), 64, "103 on rank 3 (")


def test_another_build_of_the_program_on_one_rank():
    """64: another build of the program on one rank."""
    other = harness.work / "other-build"
    shutil.copy(harness.program, other)
    with open(other, "ab") as file:
        file.write(b"another build")
    result = several([harness.program, "train", "--data", data_folder()], [other, "train", "--data", data_folder()])
    fails(result, 64, "program (SHA-256): ", " on rank 0 (", " on rank 1 (")


def test_options_that_come_to_the_same_agree():
    """Options that come to the same agree: spelling, order, defaults, paths to one file, what rank 0 alone writes."""
    data, csv = data_folder(), [str(data_folder() / f"sign_mnist_{part}.csv") for part in ("train", "test")]
    common = ["--epochs", "1", "--quiet", "--output"]
    first = [harness.program, "train", "--data", data, *common, "agreed", "--seed", "1"]
    second = [harness.program, "train", "--train-csv", csv[0], "--test-csv", csv[1], "--learning-rate=0.001", *common, "ignored"]
    succeeds(several(first, second))
    expect((harness.work / "agreed/model.safetensors").exists() and not (harness.work / "ignored").exists(), "the folders")


def test_copies_of_the_data_on_one_host_that_are_not_the_same():
    """65: copies of the data on one host that are not the same; equal copies pass."""
    folder = data_folder()
    train, test = ((folder / f"sign_mnist_{part}.csv").read_text() for part in ("train", "test"))
    lines = train.splitlines(keepends=True)
    digit = "".join([*lines[:-1], lines[-1].rstrip("\n")[:-1] + ("1" if lines[-1].rstrip("\n")[-1] != "1" else "2") + "\n"])
    copies = {"equal": (train, test), "cut": ("".join(lines[:60]), test), "digit": (digit, test), "tested": (train, test.replace(",1", ",2", 1))}
    for name, (rows, tests) in copies.items():
        (harness.work / name).mkdir()
        (harness.work / name / "sign_mnist_train.csv").write_text(rows)
        (harness.work / name / "sign_mnist_test.csv").write_text(tests)
        words = [harness.program, "train", "--epochs", "1", "--quiet", "--output", f"of-{name}", "--data"]
        result = several([*words, folder], [*words, name])
        if name == "equal":
            succeeds(result)
            continue
        part = "test" if name == "tested" else "train"
        fails(result, 65, "the ranks read different files", "(rank 0): ", f"(rank 1): {name}/sign_mnist_{part}.csv, ", " bytes, SHA-256 ")
        expect(not (harness.work / f"of-{name}").exists(), "a run folder was made")
    reference()
    words = [harness.program, "evaluate", "reference/model.safetensors", "--data"]
    fails(several([*words, folder], [*words, "tested"]), 65, "the ranks read different files", "tested/sign_mnist_test.csv")


def test_data_on_one_host_alone():
    """65: data/ on one host alone: nobody trains on the synthetic set instead, whichever rank has them."""
    bare, full = harness.work / "bare-host", harness.work / "full-host"
    bare.mkdir()
    shutil.copytree(data_folder(), full / "data")
    for places in ((bare, full), (full, bare)):
        words = [harness.program, "train", "--epochs", "1", "--quiet", "--output", harness.work / "of-one-host"]
        launcher = mpirun_command(1)
        line = [*launcher, "-wdir", places[0], *words, ":", *launcher[-2:], "-wdir", places[1], *words]
        fails(execute(line), 65, f"rank {places.index(bare)}: there is no folder data")
    expect(not (harness.work / "of-one-host").exists(), "a run folder was made")


def test_help_version_and_no_words_at_all_on_all_ranks():
    """--help, --version and no words at all, on all ranks: said once, as by one process."""
    for words in (("--help",), ("train", "--help"), ("help", "train"), ("--version",), ()):
        expected = fingerspell(*words)
        result = mpirun(2, *words)
        equal((result.code, result.out), (expected.code, expected.out), words)


class Restless:
    """A file that somebody keeps changing in a way that leaves its rows as they are."""

    def __init__(self, path, change):
        self.path, self.change, self.stop = path, change, threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stop.is_set():
            self.change(self.path)
            time.sleep(0.0002)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def replace(path):
    """Another file of the same contents takes the name: now this one, now that one."""
    for original in (".original", ".copy"):
        os.link(path.with_suffix(original), path.with_suffix(".new"))
        os.replace(path.with_suffix(".new"), path)


def rewrite(path):
    """The last bytes are written once more."""
    with open(path, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\n")


def test_a_csv_that_is_replaced_or_written_while_it_is_read():
    """65: a CSV that is replaced or written while it is read, by one process and by ranks; nothing is trained."""
    folder = harness.work / "restless"
    shutil.copytree(data_folder(2048, 64), folder)
    path = folder / "sign_mnist_train.csv"
    for name in (".original", ".copy"):
        shutil.copy(path, path.with_suffix(name))
    words = ("train", "--data", folder, "--epochs", "1", "--quiet", "--output", "of-restless")
    for change in (replace, rewrite):
        for run in (fingerspell, lambda *arguments: mpirun(2, *arguments)):
            with Restless(path, change):
                result = run(*words)
            fails(result, 65, "sign_mnist_train.csv was changed or replaced while it was read")
            expect(not (harness.work / "of-restless").exists(), "a run folder was made")
    succeeds(fingerspell(*words))
    shutil.rmtree(harness.work / "of-restless")
