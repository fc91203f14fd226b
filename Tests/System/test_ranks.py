"""The communication library on ranks: each case of `multirank-tests` at each of its numbers of ranks, under mpirun.

Each has the time limit that the program names for it, and how it must end: its exit code, what it says, and how soon after.
"""

import os
import platform
import signal
import subprocess
import threading
import time

import pytest

import harness
from mpirun import implementation, mpirun_command

pytestmark = pytest.mark.ranks

# A job that fails must be gone this soon after a rank said so.
SECONDS_TO_END = 2.0


def program():
    """The program that has the cases."""
    return harness.bin_folder() / "multirank-tests"


def cases():
    """The cases as the program lists them, each with one of its numbers of ranks."""
    if not os.access(program(), os.X_OK):
        return [pytest.param(*[None] * 6, id="not built", marks=pytest.mark.skip(f"{program()} is not built"))]
    listing = subprocess.run([program(), "--list"], check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in listing.splitlines()]
    return [
        pytest.param(name, int(count), int(limit), launch, int(code), text, id=f"{name}, {count} ranks")
        for name, counts, limit, launch, code, text in lines
        for count in counts.split(",")
    ]


@pytest.mark.parametrize(("name", "count", "limit", "launch", "code", "text"), cases())
def test_ranks(name, count, limit, launch, code, text):
    """A case ends as it must."""
    command, environment = start_of(launch, count)
    expected = text.replace("{host}", platform.node())
    problem, _, output = run([*command, program(), name], environment, limit, code, expected)
    assert not problem, f"{problem}\n{output}"


def start_of(launch, count):
    """The command in front of the program, and the environment to start it in."""
    environment = harness.environment()
    if launch == "alone":
        # What the launcher of the other implementation would have set.
        is_mpich = implementation() == "mpich"
        names = ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK") if is_mpich else ("PMI_SIZE", "PMI_RANK")
        environment.update(zip(names, ("2", "0")))
        return [], environment
    return mpirun_command(count), environment


def run(command, environment, limit, expected_code, expected_text):
    """Runs one job; returns what is wrong with it (or ""), its seconds and its output."""
    start = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        errors="replace", start_new_session=True)
    lines, announced = [], []

    def drain(stream, is_error):
        for line in stream:
            if is_error and expected_text and expected_text in line and not announced:
                announced.append(time.monotonic())
            lines.append(line)

    readers = [threading.Thread(target=drain, args=arguments)
               for arguments in ((process.stdout, False), (process.stderr, True))]
    for reader in readers:
        reader.start()
    timed_out = False
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        timed_out = True
        end_job(process)
    end = time.monotonic()
    for reader in readers:
        reader.join()

    if timed_out:
        problem = f"not finished after {limit} s"
    elif process.returncode != expected_code:
        problem = f"exit code {process.returncode}, not {expected_code}"
    elif expected_text and not announced:
        problem = f"standard error does not say '{expected_text}'"
    elif expected_text and end - announced[0] > SECONDS_TO_END:
        problem = f"ended {end - announced[0]:.1f} s after the failure"
    else:
        problem = ""
    return problem, end - start, "".join(lines)


def end_job(process):
    """Ends a job that hangs: mpirun ends its ranks when it is asked to; if it hangs too, it is killed."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
