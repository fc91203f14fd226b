"""Runs programs under a time limit, and compares what they did. The conftest beside it fills in `program` and `work`."""

import csv
import hashlib
import json
import os
import pty
import struct
import subprocess
from pathlib import Path

from mpirun import SETTINGS, implementation, mpirun_command  # noqa: F401 (for the tests)

ROOT = Path(__file__).resolve().parents[2]

# No run here takes more than a few seconds on a quiet machine, and beside other tests some of them ten times that; a run that hangs is
# ended and fails.
SECONDS = 180

# The built program, the folder that the tests of a file work in, and the one of all files, for data.
program = ""
work = Path()
shared = Path()


class Result:
    """What a program did."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out[-2000:]}\nstderr: {self.err[-2000:]}"


def bin_folder():
    """The folder of the built programs: $FINGERSPELL_BIN, or that of launch/build."""
    if "FINGERSPELL_BIN" in os.environ:
        return Path(os.environ["FINGERSPELL_BIN"]).resolve()
    folder = ".build" if implementation() == "openmpi" else f".build-{implementation()}"
    cpu = os.environ.get("FINGERSPELL_CPU", "native")
    return (ROOT / (folder if cpu == "native" else f"{folder}-{cpu}") / "release").resolve()


def clients():
    """The Python of the environment that Tests/Clients/setup makes, with Keras, PyTorch, ONNX Runtime and others: a path, or
    None. FINGERSPELL_CLIENTS names another."""
    python = Path(os.environ.get("FINGERSPELL_CLIENTS") or ROOT / ".venv-clients" / "bin" / "python")
    return str(python) if os.access(python, os.X_OK) else None


def client(script, *arguments, seconds=600):
    """Runs a script of Tests/Clients in that environment; skips the test where there is none. Returns the result."""
    import pytest

    python = clients()
    if python is None:
        pytest.skip("there is no .venv-clients: Tests/Clients/setup makes it")
    # They may wait for what measures time or has many workers; and their pools of threads would spin on cores that others need.
    command = ["nice", "-n", "10", python, "-B", str(ROOT / "Tests" / "Clients" / script), *(str(word) for word in arguments)]
    extra = {
        "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "HOME": str(work), "OMP_NUM_THREADS": "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    }  # fmt: skip
    done = subprocess.run(
        command, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(extra),
        timeout=seconds)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def environment(extra=None):
    """The environment of a run: no launcher's variables but those of mpirun.py, no colours' wishes."""
    launchers = ("OMPI_", "PMIX_", "PMI_", "SLURM_", "NO_COLOR", "COLUMNS")
    return {k: v for k, v in os.environ.items() if not k.startswith(launchers)} | SETTINGS | (extra or {})


def execute(command, cwd=None, stdout=subprocess.PIPE, extra=None):
    """Runs a command and returns its result."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd or work, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
        env=environment(extra), timeout=SECONDS)
    return Result(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


def fingerspell(*arguments, **options):
    """Runs the program as one process."""
    return execute([program, *arguments], **options)


def mpirun(ranks, *arguments, **options):
    """Runs the program as ranks."""
    return execute([*mpirun_command(ranks), program, *arguments], **options)


def on_terminal(command, columns=100, extra=None):
    """Runs a command on a terminal of its own; returns its exit code and all that the terminal got."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(work)
        os.execve(command[0], [str(word) for word in command], environment({"TERM": "xterm", "LC_ALL": "C.UTF-8"} | (extra or {})))
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    text = b""
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError:
            break
        if not block:
            break
        text += block
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text.decode()


def expect(condition, what):
    """Fails the test, saying what was wrong."""
    if not condition:
        raise AssertionError(str(what))


def equal(found, expected, what=""):
    """Fails the test unless both are equal."""
    expect(found == expected, f"{what}\nexpected: {expected!r}\nfound:    {found!r}")


def succeeds(result):
    """The result of a run that must have ended with 0."""
    expect(result.code == 0, result)
    return result


def fails(result, code, *texts):
    """A run that must have ended with that code, those texts on standard error, and nothing on standard output."""
    expect(result.code == code and all(text in result.err for text in texts), f"expected {code} and {texts}, found {result}")
    equal(result.out, "", "standard output")


def data_folder(rows=96, test_rows=40):
    """A small synthetic data set, made once."""
    folder = shared / f"data-{rows}-{test_rows}"
    if not folder.exists():
        succeeds(fingerspell("data", "synthesize", folder, "--train-rows", rows, "--test-rows", test_rows))
    return folder


def metrics(folder):
    """The lines of metrics.csv, as dictionaries of text."""
    with open(Path(work) / folder / "metrics.csv", newline="") as file:
        return list(csv.DictReader(file))


def run_json(folder):
    """The contents of run.json."""
    return json.loads((Path(work) / folder / "run.json").read_text())


# What a finished run has in its folder.
RUN_FILES = [
    "checkpoints", "evaluation.json", "events.out.tfevents.fingerspell", "metrics.csv", "model.safetensors", "report.html", "run.json",
    "train", "validation",
]  # fmt: skip

TENSORS = {
    "conv1d/kernel": [3, 28, 64], "conv1d/bias": [64], "lstm/kernel": [64, 256], "lstm/recurrent_kernel": [64, 256],
    "lstm/bias": [256], "lstm_1/kernel": [64, 256], "lstm_1/recurrent_kernel": [64, 256], "lstm_1/bias": [256],
    "dense/kernel": [64, 64], "dense/bias": [64], "dense_1/kernel": [64, 25], "dense_1/bias": [25],
}


def model(folder):
    """A model's header, and the SHA-256 of its parameters in the order of TENSORS."""
    contents = (Path(work) / folder / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", contents[:8])[0]
    header, body = json.loads(contents[8 : 8 + length]), contents[8 + length :]
    digest = hashlib.sha256()
    for name in TENSORS:
        begin, end = header[name]["data_offsets"]
        digest.update(body[begin:end])
    return header, digest.hexdigest()
