"""Injects faults into the built program, and holds it to its promise: whatever happens, the run ends with the same bits.

Schedules of `fingerspell chaos`, which must end well; what `chaos` says when a run does not, and what it leaves when it is
interrupted; and `launch/train`, whose job is killed, or asked to end.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

import harness
from harness import equal, execute, expect, fingerspell, metrics, succeeds

pytestmark = pytest.mark.faults

# The first faults of this many seeds in a row are of all kinds.
SEEDS = range(1, 12)

# A run of the same kind as chaos' own.
SHORT = ["--epochs", 3, "--steps-per-epoch", 24, "--batch-size", 100, "--checkpoint-every", 2]


# In memory where there is room: a busy disk, on which a file takes longer to write than a stall may, is no fault of a schedule.
IN_MEMORY = {"TMPDIR": "/dev/shm"} if shutil.disk_usage("/dev/shm").free > 1 << 30 else {}


@pytest.fixture(autouse=True)
def seconds(monkeypatch):
    """A schedule has up to five jobs; a hang is noticed by chaos itself."""
    monkeypatch.setattr(harness, "SECONDS", 400)


@pytest.mark.parametrize("seed", [
    pytest.param(seed, id=f"seed {seed}")
    for seed in SEEDS
])
def test_a_schedule_of_faults(seed):
    """A run that meets the faults of a seed ends with the reference run's bits."""
    result = succeeds(fingerspell("chaos", "--schedules", 1, "--seed", seed, "--stall-timeout", 15, extra=IN_MEMORY))
    lines = result.out.splitlines()
    expect(lines[1].startswith(f"seed {seed}: ") and lines[1].endswith(" to the end: equal"), result)
    equal(lines[-1], "1 schedule: 1 ended with the bits of the run without faults, 0 failed.")
    print(lines[1])


def test_chaos_a_run_that_does_not_keep_its_bits_fails():
    """chaos: a run that does not keep its bits fails, is kept, and can be repeated."""
    # A sum that depends on the number of workers: resumed on another number, it cannot be the same run.
    words = ("--threads-only", "--output", "unequal", "--", "--all-reduce", "mpi")
    result = fingerspell("chaos", "--schedules", 3, "--seed", 2, *words)
    equal(result.code, 70, result)
    failed = [line for line in result.out.splitlines() if ": FAILED: " in line]
    expect(failed and "--threads-only -- --all-reduce mpi" in result.out, result)
    seed = failed[0].split(":")[0].split()[1]
    expect(f"repeat: fingerspell chaos --schedules 1 --seed {seed} --epochs 3" in result.out, result)
    expect(list((harness.work / "unequal" / f"seed-{seed}").glob("job-*.txt")), "the jobs' output is not there")
    expect(result.out.splitlines()[-1].endswith(f" failed (seed{'s' if len(failed) > 1 else ''} " + ", ".join(
        line.split(":")[0].split()[1] for line in failed) + ")."), result)


def test_chaos_starts_its_ranks_itself():
    """64: chaos starts its ranks itself."""
    harness.fails(execute([*harness.mpirun_command(2), harness.program, "chaos"]), 64, "leave out mpirun")


def test_chaos_without_a_mpirun_it_says_so():
    """chaos: without a mpirun it says so."""
    harness.fails(fingerspell("chaos", "--mpirun", "no-such-mpirun"), 70, "cannot find 'no-such-mpirun': install openmpi-bin")


def test_chaos_interrupted_it_ends_its_jobs():
    """chaos: interrupted, it ends its jobs."""
    output = harness.work / "interrupted"
    command = [harness.program, "chaos", "--seed", "5", "--output", str(output)]
    process = subprocess.Popen(command, cwd=harness.work, env=harness.environment(), stdout=subprocess.DEVNULL)
    wait_for(lambda: processes_of(output / "seed-5"), "a job of the first schedule")
    process.send_signal(signal.SIGTERM)
    equal(process.wait(timeout=30), -signal.SIGTERM)
    equal(processes_of(output), {})


def processes_of(folder):
    """The processes with the folder in their command line and the rank that they are, if they are one, by number."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            settings = dict(line.split(b"=", 1) for line in (place / "environ").read_bytes().split(b"\0") if b"=" in line)
        except OSError:
            continue
        if Path(os.fsdecode(words[0])).name != "chaos" and words[1:2] != [b"chaos"]:
            if any(os.fsencode(folder) in word for word in words):
                rank = settings.get(b"OMPI_COMM_WORLD_RANK", settings.get(b"PMI_RANK"))
                found[int(place.name)] = None if rank is None else int(rank)
    return found


def wait_for(condition, what):
    """Waits until something is so."""
    end = time.monotonic() + 120
    while not condition():
        expect(time.monotonic() < end, f"in two minutes there was not {what}")
        time.sleep(0.002)


def checkpoints(folder):
    """The names of a run's checkpoints."""
    return sorted(path.name for path in (folder / "checkpoints").glob("step-*.safetensors"))


def same_run(folder):
    """Compares a run with the one that nothing happened to."""
    reference = harness.work / "reference"
    if not reference.exists():
        succeeds(fingerspell("train", *SHORT, "--workers", 1, "--output", reference, "--quiet"))
    def lines(run):
        return [{k: v for k, v in line.items() if not k.endswith("_seconds")} for line in metrics(run)]
    equal(lines(folder), lines(reference))
    model = "model.safetensors"
    equal((folder / model).read_bytes() == (reference / model).read_bytes(), True, "the models are not the same")


def launch(folder, *words):
    """Starts launch/train, which builds first, and returns when its job has begun to make checkpoints."""
    command = [harness.ROOT / "launch/train", "-n", 2, "--bind", "none", *words, *SHORT, "--output", folder]
    process = subprocess.Popen(
        [str(word) for word in command], cwd=harness.work, env=harness.environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(checkpoints(folder)) == 3 or process.poll() is not None, "a checkpoint")
    return process


@pytest.mark.builds
@pytest.mark.xdist_group("build")
def test_launch_train_restarts_a_job_whose_rank_is_killed():
    """launch/train --max-restarts: a job whose rank is killed continues, to the same end."""
    folder = harness.work / "restarted"
    process = launch(folder, "--max-restarts", 2)
    ranks = {rank: number for number, rank in processes_of(folder).items() if rank is not None}
    os.kill(ranks[1], signal.SIGKILL)
    _, said = process.communicate(timeout=harness.SECONDS)
    equal(process.returncode, 0, said)
    expect("exit code 137; restart 1 of 2 in 1 s" in said, said)
    same_run(folder)


@pytest.mark.builds
@pytest.mark.xdist_group("build")
def test_launch_train_ends_when_asked():
    """launch/train: asked to end, it leaves a checkpoint and 75, and the same command continues."""
    folder = harness.work / "asked"
    process = launch(folder, "--max-restarts", 2)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=harness.SECONDS)
    equal(process.returncode, 75, said)
    expect("restart 1" not in said and (folder / "model.safetensors").exists() is False, said)
    process = launch(folder, "--resume")
    _, said = process.communicate(timeout=harness.SECONDS)
    equal(process.returncode, 0, said)
    same_run(folder)
