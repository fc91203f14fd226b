"""The run folder: whose it is, and what it may be: moved, removed, locked, mounted, full, with odd names."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

import harness
from harness import data_folder, equal, environment, execute, expect, fails, fingerspell, mpirun, run_json, succeeds
from test_resume import checkpoints, launched, reference, same_as_reference, words

pytestmark = pytest.mark.commandline

LOCK = ".fingerspell.lock"


def endless(folder, kind, count):
    """A run that continues until something happens to its folder; when this returns, it has written checkpoints."""
    command = launched(kind, count, words(folder, "--epochs", "4000", "--patience", "4000", "--checkpoint-every", "1"))
    process = subprocess.Popen([str(word) for word in command], cwd=harness.work, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())  # fmt: skip
    deadline = time.monotonic() + harness.SECONDS
    while len(checkpoints(folder)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    return process


def ended(process):
    """What the run said when it ended."""
    err = process.communicate(timeout=harness.SECONDS)[1].decode()
    equal(process.returncode, 74, err)
    return err


def is_stopped(number):
    """Whether all threads of a process are stopped."""
    states = [path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{number}/task").glob("*/stat")]
    return set(states) <= {"T", "Z", "X"}


def stop(process):
    """Stops a job in its midst, with all of its processes, so that others can act before it looks."""
    children = subprocess.run(["pgrep", "-P", str(process.pid)], stdout=subprocess.PIPE).stdout.split()
    numbers = [int(number) for number in children] + [process.pid]
    for number in numbers:
        os.kill(number, signal.SIGSTOP)
    # A thread in a system call that waits for a disk stops when that is done.
    deadline = time.monotonic() + harness.SECONDS
    while not all(map(is_stopped, numbers)) and time.monotonic() < deadline:
        time.sleep(0.002)
    return lambda: [os.kill(number, signal.SIGCONT) for number in numbers]


def tree(folder):
    """Every file of a folder, but for temporary ones, with what its contents are."""
    files = [path for path in (harness.work / folder).rglob("*") if path.is_file() and path.suffix != ".tmp"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_job_whose_run_folder_was_moved_never_touches_the_next_one():
    """74: a job whose run folder was moved never touches the next one of that name, keeps its own, and says where it is."""
    for kind, count in (("threads", 1), ("ranks", 2)):
        folder, moved = f"moved-{kind}", f"moved-{kind}-elsewhere"
        process = endless(folder, kind, count)
        continue_ = stop(process)
        os.rename(harness.work / folder, harness.work / moved)
        succeeds(fingerspell(*words(folder, "--quiet")))
        before, newest = tree(folder), checkpoints(moved)[0].name
        continue_()
        err = ended(process)
        place = os.path.realpath(harness.work / moved)
        expect(f"the run folder {folder} was moved to {place} while the run was in it" in err, err)
        expect("another folder has that name" in err and f"--output {place} --resume" in err, err)
        equal(tree(folder), before, "the next job's files")
        same_as_reference(folder)
        # What was trained when the folder was found to be elsewhere is kept there (it was there already if the job was stopped
        # between writing a checkpoint and looking), and the lock is gone.
        expect(checkpoints(moved)[0].name >= newest, "the last state was not kept")
        expect(not (harness.work / moved / LOCK).exists(), "a lock is left")
        steps = int(checkpoints(moved)[0].name[5:13])
        result = succeeds(fingerspell(*words(moved, "--resume", "--epochs", -(-steps // 22) + 1, "--patience", "4000")))
        expect(f"Resuming after step {steps} " in result.out, result)


def test_a_job_whose_run_folder_was_removed_never_touches_the_next_one():
    """74: a job whose run folder was removed never touches the next one of that name."""
    for kind, count in (("threads", 2), ("ranks", 2)):
        for again in (True, False):
            folder = f"removed-{kind}-{again}"
            process = endless(folder, kind, count)
            continue_ = stop(process)
            shutil.rmtree(harness.work / folder)
            if again:
                succeeds(fingerspell(*words(folder, "--quiet")))
            before = tree(folder)
            continue_()
            err = ended(process)
            expect(f"the run folder {folder} was removed while the run was in it" in err, err)
            equal(tree(folder), before, "the next job's files")
            equal((harness.work / folder).exists(), again)


def test_a_job_whose_lock_was_removed_writes_nothing_more():
    """74: a job whose lock was removed writes nothing more, whoever has the folder then."""
    for more in ((), ("--epochs", "4001", "--patience", "4000", "--resume")):
        folder = f"unlocked-{len(more)}"
        process = endless(folder, "threads", 1)
        continue_ = stop(process)
        (harness.work / folder / LOCK).unlink()
        if more:
            other = subprocess.Popen([harness.program, *map(str, words(folder, *more))], cwd=harness.work,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment())  # fmt: skip
            deadline = time.monotonic() + harness.SECONDS
            while not (harness.work / folder / LOCK).exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            other.kill()
            other.wait()
        else:
            succeeds(fingerspell(*words(folder, "--quiet")))
        before = tree(folder)
        continue_()
        err = ended(process)
        expect(f"the lock {folder}/{LOCK} of this run was removed or replaced" in err, err)
        equal(tree(folder), before, "the next job's files")
        expect(not more or (harness.work / folder / LOCK).exists(), "the next job's lock was removed")


def test_a_folder_that_is_removed_while_its_files_are_written():
    """74: a folder that is removed while its files are written."""
    process = endless("at-last", "threads", 1)
    while (harness.work / "at-last").exists():
        shutil.rmtree(harness.work / "at-last", ignore_errors=True)
    err = ended(process)
    # What is removed first is chance: a file, or the lock.
    expect("at-last" in err and ("No such file or directory" in err or "was removed or replaced" in err), err)
    expect(not (harness.work / "at-last").exists(), err)


def untouched(path):
    """What changes when a file is written or replaced; it may have been read."""
    status = os.lstat(path)
    return status.st_mode, status.st_ino, status.st_nlink, status.st_size, status.st_mtime_ns


def test_only_a_file_of_ours_is_taken_for_the_lock():
    """74: only a file of ours is taken for the lock; anything else of that name is left alone."""
    target = harness.work / "precious"
    target.write_text("precious\n")

    def bound(path):
        # By a path that is short enough for sockets.
        parent = os.open(path.parent, os.O_RDONLY)
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(f"/proc/self/fd/{parent}/{path.name}")
        os.close(parent)

    kinds = {
        "is a link": lambda path: path.symlink_to(target),
        "is a link ": lambda path: path.symlink_to(harness.work / "to-be"),
        "has hard links": lambda path: os.link(target, path),
        "has other contents": lambda path: path.write_text("notes\n"),
        "is not a regular file": os.mkfifo,
        "is not a regular file ": lambda path: path.mkdir(),
        "is not a regular file  ": bound,
    }
    for number, (what, make) in enumerate(kinds.items()):
        folder = harness.work / f"taken-{number}"
        folder.mkdir()
        make(folder / LOCK)
        status = untouched(folder / LOCK)
        for more in ((), ("--resume",)):
            result = fingerspell(*words(folder.name, *more))
            fails(result, 74, f"{folder.name}/{LOCK} {what.strip()}: it is not a lock file of this program and was left untouched")
        equal(untouched(folder / LOCK), status, what)
        equal(os.listdir(folder), [LOCK], what)
    equal(target.read_text(), "precious\n")
    expect(not (harness.work / "to-be").exists(), "a link's target was made")


def test_a_users_own_file_lock_is_nothing_to_the_run():
    """A user's own file `lock` is nothing to the run."""
    for kind in ("file", "link"):
        folder = harness.work / f"own-lock-{kind}"
        folder.mkdir()
        (harness.work / f"own-{kind}").write_text("mine\n")
        if kind == "link":
            (folder / "lock").symlink_to(harness.work / "own-link")
        else:
            (folder / "lock").write_text("mine\n")
        succeeds(fingerspell(*words(folder.name, "--quiet")))
        equal((folder / "lock").read_text(), "mine\n")
        equal((folder / "lock").is_symlink(), kind == "link")
        expect(not (folder / LOCK).exists(), "a lock is left")


def test_a_file_system_without_locks_is_warned_of_once_and_trained_on():
    """A file system without locks is warned of once, and trained on."""
    compiler = shutil.which("cc") or shutil.which("clang")
    expect(compiler, "there is no C compiler")
    (harness.work / "nolocks.c").write_text("""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
static int refused(const char *name, int number, int command, void *argument) {
  if (command == 37) { errno = ENOLCK; return -1; }
  int (*next)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
  return next(number, command, argument);
}
int fcntl(int number, int command, ...) {
  va_list list; va_start(list, command); void *argument = va_arg(list, void *); va_end(list);
  return refused("fcntl", number, command, argument);
}
int fcntl64(int number, int command, ...) {
  va_list list; va_start(list, command); void *argument = va_arg(list, void *); va_end(list);
  return refused("fcntl64", number, command, argument);
}
""")
    succeeds(execute([compiler, "-shared", "-fPIC", "-o", "nolocks.so", "nolocks.c", "-ldl"]))
    preloaded = {"LD_PRELOAD": str(harness.work / "nolocks.so")}
    for more in ((), ("--resume",), ("--resume", "--epochs", "4", "--quiet")):
        result = succeeds(fingerspell(*words("lockless", *more), extra=preloaded))
        equal(result.err.count("warning: the file system of lockless has no locks: nothing keeps another job out"), 1, result)
    expect(not (harness.work / "lockless" / LOCK).exists(), "a lock is left")


def test_runs_that_start_in_one_second_have_folders_of_their_own():
    """Runs that start in one second have folders of their own."""
    place = harness.work / "starts"
    place.mkdir()
    data = data_folder()
    options = ["train", "--data", str(data), "--epochs", "1", "--quiet", "--steps-per-epoch", "1"]
    commands = [[harness.program, *options, "--workers", "1", "--seed", str(seed)] for seed in range(24)]
    commands += [[*harness.mpirun_command(2), harness.program, *options, "--seed", str(seed)] for seed in (24, 25)]
    jobs = [subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, env=environment())
            for command in commands]  # fmt: skip
    for job in jobs:
        err = job.communicate(timeout=harness.SECONDS)[1].decode()
        equal((job.returncode, err), (0, ""))
    folders = sorted((place / "runs").iterdir())
    equal(len(folders), 26, folders)
    equal({run_json(folder)["configuration"]["seed"] for folder in folders}, set(range(26)))
    expect(any(folder.name.endswith("-2") for folder in folders), f"no two started in one second: {folders}")
    expect(not any(list(folder.glob("earlier-*")) for folder in folders), "a run found another one's files")


def in_namespace(script, *arguments):
    """Runs a shell script that may mount what nobody else sees."""
    more = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", "--mount", *more, "bash", "-c", f"set -e; {script}", "-", *map(str, arguments)]
    return execute(command, extra={"PROGRAM": harness.program})


def test_a_disk_may_be_mounted_at_the_checkpoints():
    """A disk may be mounted at the checkpoints; what cannot be moved aside is told before anything is moved."""
    train = words("mounted", "--quiet", "--epochs", "1")
    mount = 'mkdir -p mounted/checkpoints; mount -t tmpfs -o size=20m tmpfs mounted/checkpoints; '
    look = 'ls -A mounted mounted/checkpoints; sha256sum mounted/*.*; '
    again = '"$PROGRAM" "$@" 2> err && rc=0 || rc=$?; echo "again $rc"; cat err; '
    longer = '"$PROGRAM" "$@" --resume --epochs 2 > next; ls mounted/checkpoints'
    result = succeeds(in_namespace(f'{mount} "$PROGRAM" "$@" > first; {look} echo ====; {again} {look} {longer}', *train))
    first, _, rest = result.out.partition("====\n")
    told, _, rest = rest.partition("mounted:\n")
    expect(told.startswith("again 74\nfingerspell: the run folder holds an earlier run, and mounted/checkpoints cannot be "
                           "moved to mounted/earlier-1: something is mounted there"), result)  # fmt: skip
    expect("Nothing was moved. Choose another folder" in told, result)
    expect(f"mounted:\n{rest}".startswith(first) and "earlier" not in rest, result)
    expect("step-00000044.safetensors" in rest, result)


def test_no_other_file_of_the_run_that_cannot_be_moved_is_left_half_moved():
    """74: no other file of the run that cannot be moved is left half moved."""
    succeeds(fingerspell(*words("pinned", "--quiet")))
    before = tree("pinned")
    for name in ("run.json", "metrics.csv", "model.safetensors"):
        result = in_namespace('mount --bind pinned/$1 pinned/$1; shift; exec "$PROGRAM" "$@"', name, *words("pinned"))
        fails(result, 74, f"pinned/{name} cannot be moved to pinned/earlier-1: something is mounted there", "Nothing was moved")
        equal(tree("pinned"), before, name)
        equal(sorted(os.listdir(harness.work / "pinned")), harness.RUN_FILES)


def test_a_file_system_without_inodes_is_not_told_to_be_out_of_space():
    """74: a file system without inodes is not told to be out of space."""
    for inodes in (3, 5, 8):
        script = f'mkdir few; mount -t tmpfs -o size=20m,nr_inodes={inodes} tmpfs few; exec "$PROGRAM" "$@"'
        result = in_namespace(script, *words("few/run", "--quiet"))
        fails(result, 74, "few/run", "free space but no free inodes", "remove some files")
        expect("free some space" not in result.err, result)
        (harness.work / "few").rmdir()
    script = 'mkdir small; mount -t tmpfs -o size=600k tmpfs small; exec "$PROGRAM" "$@"'
    result = in_namespace(script, *words("small/run", "--quiet"))
    fails(result, 74, "No space left on device; free some space")


def test_names_in_the_run_folder_that_stand_for_something_else():
    """74: names in the run folder that stand for something else are told, and nothing waits for a FIFO."""
    def stands(name, make):
        def change(folder):
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            make(path)

        return change

    kinds = {
        "run.json is a FIFO": stands("run.json", os.mkfifo),
        "metrics.csv is a FIFO": stands("metrics.csv", os.mkfifo),
        "model.safetensors is a FIFO": stands("model.safetensors", os.mkfifo),
        "model.safetensors is a folder": stands("model.safetensors", lambda path: path.mkdir()),
        "run.json is a dangling link": stands("run.json", lambda path: path.symlink_to("nowhere")),
        "checkpoints is a file": stands("checkpoints", lambda path: path.write_text("")),
        "checkpoints is a FIFO": stands("checkpoints", os.mkfifo),
    }
    for number, (what, change) in enumerate(kinds.items()):
        folder = harness.work / f"odd-{number}"
        shutil.copytree(harness.work / reference(), folder)
        change(folder)
        result = fingerspell(*words(folder.name, "--resume"))
        fails(result, 74, f"{folder.name}/{what} where a run has a f", "move it away")
        # A new run moves them aside as they are.
        succeeds(fingerspell(*words(folder.name, "--quiet")))
        same_as_reference(folder.name)
        equal(os.path.lexists(folder / "earlier-1" / what.split()[0]), True, what)


def test_a_run_json_of_a_terabyte_is_damaged_and_not_read():
    """A run.json of a terabyte is damaged, and not read."""
    shutil.copytree(harness.work / reference(), harness.work / "huge")
    for name in ("run.json", "metrics.csv"):
        os.truncate(harness.work / "huge" / name, 1 << 40)
        succeeds(fingerspell(*words("huge", "--resume", "--quiet")))
    succeeds(fingerspell(*words("huge", "--quiet")))
    same_as_reference("huge")


def test_names_of_255_bytes_can_be_written_longer_ones_are_told():
    """Names of 255 bytes can be written, longer ones are told."""
    ended = "/model.safetensors"
    for count in (239, 255):
        for name in ("x" * count, "ä" * (count // 2) + "x" * (count % 2)):
            succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", name))
            words_ = ("evaluate", name + ended, "--data", data_folder(), "--json")
            succeeds(fingerspell(*words_, f"{name[:-5]}.json"))
            expect((harness.work / f"{name[:-5]}.json").stat().st_size > 100, name)
            shutil.rmtree(harness.work / name)
    fails(fingerspell("train", "--data", data_folder(), "--output", "x" * 256), 74, "File name too long; choose a shorter name")
    expect(not list(harness.work.glob(".*.tmp")), "a temporary file is left")


def test_a_path_that_is_not_utf_8_is_refused():
    """64: a path that is not UTF-8 is refused, and nothing is written elsewhere."""
    data_folder()
    before = sorted(os.listdir(os.fsencode(harness.work)))
    for name in (b"caf\xe9", b"\xff", b"run\xc3", b"--output=\xed\xa0\x80"):
        option = [] if name.startswith(b"--") else ["--output"]
        command = ["train", "--data", data_folder(), *option, os.fsdecode(name)]
        fails(fingerspell(*command), 64, "is not UTF-8", "\\x")
    fails(mpirun(2, *command), 64, "is not UTF-8", "--output=\\xed")
    fails(fingerspell("evaluate", os.fsdecode(b"m\xfc.safetensors")), 64, "Argument 2, 'm\\xfc.safetensors', is not UTF-8")
    equal(sorted(os.listdir(os.fsencode(harness.work))), before)


def test_closed_standard_descriptors():
    """Closed standard descriptors: nothing that is said gets into the run's files."""
    reference()
    for number, closed in enumerate((">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-")):
        folder = f"closed-{number}"
        script = f'exec "$0" "$@" {closed}'
        succeeds(execute(["bash", "-c", script, harness.program, *words(folder)]))
        same_as_reference(folder)
        # Killed in its midst, it leaves its lock, which must hold one line.
        folder += "-killed"
        process = subprocess.Popen(
            ["bash", "-c", script, harness.program,
             *map(str, words(folder, "--epochs", "400", "--checkpoint-every", "1"))],
            cwd=harness.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())  # fmt: skip
        deadline = time.monotonic() + harness.SECONDS
        # Names alone: checkpoints are removed while this looks.
        while (not checkpoints(folder) or len(list((harness.work / folder).rglob("*"))) < 5) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        text = (harness.work / folder / LOCK).read_text()
        expect(text.startswith(f"fingerspell lock: process {process.pid} on ") and text.count("\n") == 1, text)
        # A warning has its own way too, if there is one.
        newest = checkpoints(folder)[0]
        newest.write_bytes(b"")
        again = words(folder, "--resume", "--epochs", "400", "--patience", "1")
        succeeds(execute(["bash", "-c", script, harness.program, *again]))
