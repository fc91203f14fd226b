"""Ranks that are lost or stand still: the job ends within the limit, non-zero, and somebody names the rank."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, implementation, mpirun, mpirun_command, succeeds

pytestmark = pytest.mark.commandline

LIMIT = 3

# What the promise is: the limit, 2 s, and the time that a loaded machine may add to the launcher's own work.
PATIENCE = 8

# Longer than any case: only what happens from outside ends this training.
ENDLESS = ("--epochs", "100000", "--patience", "100000", "--quiet", "--stall-timeout", str(LIMIT))


class Job:
    """A training that never ends by itself, and what it says."""

    def __init__(self, command, extra=None):
        self.process = subprocess.Popen(
            [str(word) for word in command], cwd=harness.work, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=harness.environment(extra), start_new_session=True)
        self.err = ""
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        """Takes what is written as it comes, so that no full pipe holds the job up."""
        for line in self.process.stderr:
            self.err += line.decode()

    def end(self, since):
        """Waits for the end; returns the exit code and the seconds that it took."""
        try:
            self.process.wait(timeout=LIMIT + 2 + PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the job hangs: {self.err}") from None
        finally:
            self.clear()
        return self.process.returncode, time.monotonic() - since

    def clear(self):
        """Ends whatever is left of the job."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        for pid in descendants(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join()


def stat(pid):
    """Parent and state of a process, or None."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[1]), fields[0]
    except (OSError, IndexError):
        return None


def descendants(pid):
    """The processes below a process."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (found := stat(entry)):
            children.setdefault(found[0], []).append(int(entry))
    below, new = [], [pid]
    while new:
        new = [child for parent in new for child in children.get(parent, [])]
        below += new
    return below


def rank_processes(job, ranks):
    """The processes of the ranks, by rank, once there are that many."""
    found = {}
    deadline = time.monotonic() + 30
    while len(found) < ranks:
        expect(time.monotonic() < deadline and job.process.poll() is None, f"the ranks did not start: {job.err}")
        time.sleep(0.05)
        for pid in descendants(job.process.pid):
            try:
                if os.readlink(f"/proc/{pid}/exe") != os.path.realpath(harness.program):
                    continue
                words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
            for word in words:
                if match := re.fullmatch(rb"(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)", word):
                    found[int(match[1])] = pid
    return found


def under_way(job, output):
    """Returns once the training has ended an epoch."""
    deadline = time.monotonic() + 30
    path = harness.work / output / "metrics.csv"
    while not path.exists() or path.read_text().count("\n") < 2:
        expect(time.monotonic() < deadline and job.process.poll() is None, f"no epoch ended: {job.err}")
        time.sleep(0.05)


def words(output):
    """The training's arguments."""
    shutil.rmtree(harness.work / output, ignore_errors=True)
    return ("train", "--data", data_folder(), *ENDLESS, "--output", output)


def lose(rank, do, wrapper=()):
    """Lets `do` happen to one of four ranks in the middle of a run; returns the job's exit code, seconds and text."""
    job = Job([*mpirun_command(4), *wrapper, harness.program, *words("stalled")], {"LOST_RANK": str(rank)})
    try:
        processes = rank_processes(job, 4)
        under_way(job, "stalled")
        start = time.monotonic()
        do(processes[rank])
        code, seconds = job.end(start)
    except BaseException:
        job.clear()
        raise
    # mpirun sends its last signals as it ends; the system may need a moment to carry them out.
    end = time.monotonic() + 2
    while (left := [pid for pid in processes.values() if stat(pid) and stat(pid)[1] != "Z"]) and time.monotonic() < end:
        time.sleep(0.05)
    equal(left, [], f"processes were left after: {job.err}")
    expect(code != 0, f"the job succeeded: {job.err}")
    print(f"        ended after {seconds:.1f} s with exit code {code}", flush=True)
    return code, seconds, job.err


@pytest.mark.parametrize("rank", range(4))
def test_a_rank_is_killed(rank):
    """A rank of 4 is killed: the job ends, and the rank is named."""
    _, seconds, err = lose(rank, lambda pid: os.kill(pid, signal.SIGKILL))
    expect(seconds < LIMIT + 2 + PATIENCE, seconds)
    expect(re.search(rf"\brank {rank} ", err) or implementation() != "openmpi", err)


@pytest.mark.parametrize("rank", range(4))
def test_a_rank_is_stopped(rank):
    """69: a rank of 4 is stopped: the watchdog names it."""
    code, seconds, err = lose(rank, lambda pid: os.kill(pid, signal.SIGSTOP))
    expect(LIMIT - 1 < seconds < LIMIT + 2 + PATIENCE, seconds)
    expect(code == 69 or implementation() != "openmpi", f"{code}: {err}")
    equal(len(re.findall(r"did not arrive", err)), 1, err)
    expect(re.search(rf"rank {rank} on \S+ did not arrive: its process is stopped, by SIGSTOP", err), err)
    others = ", ".join(str(other) for other in range(4) if other != rank)
    expect(re.search(rf"no progress for {LIMIT} s", err), err)
    expect(all(re.search(rf"ranks? .*\b{other}\b.* waits? ", err) for other in others.split(", ")), err)


@pytest.mark.parametrize("rank", range(4))
def test_a_rank_ends_early(rank):
    """A rank of 4 ends early with 0: the job fails, and the rank is named."""
    # The ranked program is a shell that starts the real one, ends it when told to, and says that all is well.
    script = harness.work / "early-exit"
    script.write_text('#!/bin/sh\n"$@" &\nchild=$!\ntrap "kill -9 $child; exit 0" USR1\nwait $child\n')
    script.chmod(0o755)
    _, seconds, err = lose(rank, lambda pid: os.kill(stat(pid)[0], signal.SIGUSR1), [script])
    expect(seconds < LIMIT + 2 + PATIENCE, seconds)
    expect(re.search(rf"\brank {rank}\b", err), err)


def test_a_job_that_is_suspended_as_a_whole_goes_on():
    """A job that is suspended as a whole for longer than the limit continues."""
    job = Job([*mpirun_command(2), harness.program, *words("suspended")])
    try:
        processes = rank_processes(job, 2)
        under_way(job, "suspended")
        for pid in processes.values():
            os.kill(pid, signal.SIGSTOP)
        time.sleep(LIMIT + 2)
        for pid in processes.values():
            os.kill(pid, signal.SIGCONT)
        lines = (harness.work / "suspended/metrics.csv").read_text().count("\n")
        deadline = time.monotonic() + 20
        while (harness.work / "suspended/metrics.csv").read_text().count("\n") < lines + 3:
            expect(time.monotonic() < deadline and job.process.poll() is None, job.err)
            time.sleep(0.05)
    finally:
        job.clear()
    equal("did not arrive" in job.err, False, job.err)


# Reads of a file of this name never come back, as those of a file server that is gone.
SILENT = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
  char link[64], path[PATH_MAX + 1] = {0};
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  if (readlink(link, path, PATH_MAX) > 0 && strstr(path, "/silent.csv")) for (;;) pause();
  return ((ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread"))(file, bytes, count, offset);
}
ssize_t pread64(int file, void *bytes, size_t count, off_t offset) { return pread(file, bytes, count, offset); }
"""


def stuck_reader(command):
    """Runs a command whose training rows never come; returns exit code, seconds, and text."""
    library, rows = harness.work / "silent.so", harness.work / "silent.csv"
    if not library.exists():
        compiler = shutil.which("cc") or shutil.which("clang")
        expect(compiler, "there is no C compiler")
        (harness.work / "silent.c").write_text(SILENT)
        succeeds(harness.execute([compiler, "-shared", "-fPIC", "-o", library, "silent.c", "-ldl"]))
        shutil.copy(data_folder() / "sign_mnist_train.csv", rows)
    start = time.monotonic()
    job = Job(["env", f"LD_PRELOAD={library}", *command, "train", "--train-csv", rows, "--test-csv", rows, "--output", "stuck",
               "--quiet", "--stall-timeout", str(LIMIT)])  # fmt: skip
    code, seconds = job.end(start)
    return code, seconds, job.err


def test_input_that_never_comes_ends_threads_and_the_workers_are_named():
    """69: input that never comes ends threads, and the workers are named."""
    code, seconds, err = stuck_reader([harness.program])
    equal(code, 69, err)
    expect(LIMIT <= seconds < LIMIT + 2 + PATIENCE, seconds)
    expect(re.search(r"worker 0 on \S+ did not arrive: .*\(thread \d+\); last seen in reading or writing files", err), err)


def test_input_that_never_comes_ends_ranks_and_the_ranks_are_named():
    """69: input that never comes ends ranks, and the ranks are named."""
    code, _, err = stuck_reader([*mpirun_command(2), harness.program])
    expect(code == 69 or implementation() != "openmpi", f"{code}: {err}")
    expect(re.search(r"rank 1 on \S+ did not arrive: .*; last seen in reading or writing files", err), err)


def test_stall_timeout_0_turns_the_watchdog_off():
    """--stall-timeout 0 turns the watchdog off, and any other limit is at least 1 s."""
    succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--output", "unwatched", "--quiet",
                         "--stall-timeout", "0"))
    for value in ("-1", "0.5", "nan", "inf"):
        fails(fingerspell("train", "--stall-timeout", value), 64, "--stall-timeout is", "it must be 0, or from 1 to 1000000000 seconds")
