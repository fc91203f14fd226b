"""Runs that are killed, stopped, or cannot write: what is left, what --resume makes of it, and what is said."""

import os
import shutil
import signal
import subprocess
import time

import pytest

import harness
from harness import data_folder, equal, environment, execute, expect, fails, fingerspell, metrics, mpirun
from harness import mpirun_command, run_json, succeeds

pytestmark = pytest.mark.commandline

EPOCHS = 3
# 700 rows are 22 steps per epoch; with a checkpoint each step, a run takes long enough to be hit in its midst.
STEPS = 22


def words(folder, *more, data=None):
    """The command line of the run that these cases interrupt."""
    return ["train", "--data", data or data_folder(700, 40), "--epochs", EPOCHS, "--output", folder, *more]


def launched(kind, count, arguments):
    """The command of a run on this many threads or ranks."""
    if kind == "threads":
        return [harness.program, *arguments, "--workers", count]
    return [*mpirun_command(count), harness.program, *arguments]


def reference():
    """The run that nobody interrupts, made once."""
    if not (harness.work / "reference").exists():
        succeeds(fingerspell(*words("reference", "--quiet")))
    return "reference"


def checkpoints(folder):
    """The checkpoints of a run, the newest first."""
    return sorted((harness.work / folder / "checkpoints").glob("step-*.safetensors"), reverse=True)


def same_as_reference(folder):
    """The run has the history and the very model file of the one that nobody interrupted."""
    def history(run):
        return [{k: v for k, v in line.items() if not k.endswith("_seconds")} for line in metrics(run)]

    equal(history(folder), history(reference()))
    model = (harness.work / folder / "model.safetensors").read_bytes()
    expect(model == (harness.work / reference() / "model.safetensors").read_bytes(), "another model")
    place = harness.work / folder
    leftovers = [path.name for path in [*place.glob("*.tmp"), *place.glob("checkpoints/*.tmp")]]
    equal((leftovers, (place / ".fingerspell.lock").exists()), ([], False))


def interrupt(command, folder, number, after=2):
    """Starts a run, sends it a signal once it has written `after` checkpoints, and returns what it did."""
    process = subprocess.Popen(
        [str(word) for word in command], cwd=harness.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment(), start_new_session=True)  # fmt: skip
    seen, deadline = set(), time.monotonic() + harness.SECONDS
    while len(seen) < after and process.poll() is None and time.monotonic() < deadline:
        seen |= {path.name for path in checkpoints(folder)}
        time.sleep(0.002)
    if process.poll() is not None:
        raise AssertionError(f"the run ended before it could be interrupted: {process.communicate()}")
    process.send_signal(number)
    out, err = process.communicate(timeout=harness.SECONDS)
    return harness.Result(process.returncode, out.decode(), err.decode())


def resume(kind, count, folder, *more, **options):
    """Resumes a run, and returns its result."""
    return execute(launched(kind, count, words(folder, "--resume", *more)), **options)


def stopped(folder, *more):
    """A run that was stopped in its midst, on one thread; with no time to be resumed by accident."""
    result = interrupt(launched("threads", 1, words(folder, "--checkpoint-every", "1", *more)), folder, signal.SIGUSR1, 4)
    equal(result.code, 75, result)
    return folder


# Threads continue as ranks and ranks as threads, and not on the same number.
LAYOUTS = [(kind, count) for kind in ("threads", "ranks") for count in (1, 2, 3, 4)]


def another_layout(kind, count):
    """The layout that a run of this one continues with."""
    return "ranks" if kind == "threads" else "threads", 5 - count


@pytest.mark.parametrize(("kind", "count"), [
    pytest.param(kind, count, id=f"{count} {kind}")
    for kind, count in LAYOUTS
])
def test_a_killed_run_is_resumed(kind, count):
    """A run that is killed in an epoch's midst continues with other workers, with the same bits."""
    other = another_layout(kind, count)
    folder = f"killed-{kind}-{count}"
    command = launched(kind, count, words(folder, "--checkpoint-every", "3"))
    result = interrupt(command, folder, signal.SIGKILL)
    equal(result.code, -9, result)
    result = succeeds(resume(*other, folder))
    expect("Resuming after step " in result.out, result)
    same_as_reference(folder)
    equal([entry["machine"]["workers"] for entry in run_json(folder)["resumes"]], [other[1]])


@pytest.mark.parametrize(("kind", "count"), [
    pytest.param(kind, count, id=f"{count} {kind}")
    for kind, count in LAYOUTS
])
def test_a_stopped_run_is_resumed(kind, count):
    """75: a run that is told to stop by SIGUSR1 writes a checkpoint; --resume continues with other workers."""
    other = another_layout(kind, count)
    folder = f"stopped-{kind}-{count}"
    # The flag has until the run's end: checkpoints at each step make that long enough.
    result = interrupt(launched(kind, count, words(folder, "--checkpoint-every", "1")), folder, signal.SIGUSR1)
    equal(result.code, 75, result)
    newest = checkpoints(folder)[0]
    expect("stopped by SIGUSR1 after step " in result.err, result)
    expect(f"Checkpoint: {folder}/checkpoints/{newest.name}" in result.err, result)
    expect(f"--output {folder} --resume" in result.err, result)
    expect(not (harness.work / folder / "model.safetensors").exists(), "a model of a run that has not ended")
    result = succeeds(resume(*other, folder))
    expect(f"Resuming after step {int(newest.name[5:13])} " in result.out, result)
    same_as_reference(folder)


def test_sigterm_and_sigint_stop_a_process_as_sigusr1_does():
    """SIGTERM and SIGINT stop a process as SIGUSR1 does."""
    for number in (signal.SIGTERM, signal.SIGINT):
        folder = f"by-{number.name}"
        result = interrupt(launched("threads", 2, words(folder, "--checkpoint-every", "1")), folder, number)
        equal(result.code, 75, result)
        expect(f"stopped by {number.name} after step " in result.err, result)
        succeeds(resume("threads", 3, folder, "--quiet"))
        same_as_reference(folder)


def test_sigterm_and_sigint_to_mpirun_leave_a_checkpoint_of_the_step():
    """SIGTERM and SIGINT to mpirun leave a checkpoint of the step, before the launcher kills its ranks."""
    for number in (signal.SIGTERM, signal.SIGINT):
        folder = f"mpirun-by-{number.name}"
        result = interrupt(launched("ranks", 2, words(folder, "--checkpoint-every", "1")), folder, number)
        # What mpirun ends with is the launcher's choice, but not success.
        expect(result.code != 0, result)
        expect(checkpoints(folder), result)
        succeeds(resume("ranks", 2, folder, "--quiet"))
        same_as_reference(folder)


def test_a_rank_without_a_part_in_the_steps_is_heard():
    """A rank without a part in the steps is heard at the epoch's end."""
    data = data_folder(700, 40)
    command = launched("ranks", 3, ["train", "--data", data, "--epochs", "400", "--batch-size", "16", "--output", "idle",
                                    "--patience", "400", "--quiet", "--log-level", "error"])  # fmt: skip
    process = subprocess.Popen([str(word) for word in command], cwd=harness.work, stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, env=environment())  # fmt: skip
    deadline = time.monotonic() + harness.SECONDS
    while not checkpoints("idle") and time.monotonic() < deadline:
        time.sleep(0.01)
    ranks = {}
    for child in subprocess.run(["pgrep", "-f", "--", "--output idle"], stdout=subprocess.PIPE).stdout.split():
        try:
            variables = open(f"/proc/{int(child)}/environ", "rb").read().split(b"\0")
        except OSError:
            continue
        for variable in variables:
            if variable.startswith((b"OMPI_COMM_WORLD_RANK=", b"PMI_RANK=")):
                ranks[int(variable.split(b"=")[1])] = int(child)
    # Two micro-batches for three ranks: the first has none.
    os.kill(ranks[0], signal.SIGUSR1)
    err = process.communicate(timeout=harness.SECONDS)[1].decode()
    equal(process.returncode, 75, err)
    expect("stopped by SIGUSR1" in err and "(the end of epoch " in err, err)


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_is_taken():
    """A damaged checkpoint is named, and the one before it is taken."""
    for name, damage in {
        "flipped": lambda contents: contents[:-5000] + bytes([contents[-5000] ^ 1]) + contents[-4999:],
        "truncated": lambda contents: contents[: len(contents) // 2],
        "emptied": lambda _: b"",
        "foreign": lambda _: (harness.work / reference() / "model.safetensors").read_bytes(),
    }.items():
        folder = stopped(f"damaged-{name}")
        newest, second, *_ = checkpoints(folder)
        newest.write_bytes(damage(newest.read_bytes()))
        result = succeeds(resume("threads", 2, folder))
        expect(f"warning: the checkpoint {folder}/checkpoints/{newest.name} is" in result.err, result)
        expect(f"from {folder}/checkpoints/{second.name}" in result.out, result)
        same_as_reference(folder)


def test_a_run_without_a_whole_checkpoint_begins():
    """Where no checkpoint is whole, the run begins, and what was there is kept."""
    folder = stopped("all-damaged")
    count = len(checkpoints(folder))
    for path in checkpoints(folder):
        path.write_bytes(path.read_bytes()[:-1])
    result = succeeds(resume("threads", 2, folder, "--quiet"))
    equal(result.err.count("warning: the checkpoint "), count, result)
    equal(result.err.count("; trying the one before it"), count - 1, result)
    begins = f"no intact checkpoint in {folder}: starting from the beginning; the earlier run is now in {folder}/earlier-1"
    equal(result.err.count(f"warning: {begins}\n"), 1, result)
    same_as_reference(folder)
    equal(len(list((harness.work / folder / "earlier-1" / "checkpoints").iterdir())), count)


def test_resume_without_a_run_begins_it_and_a_finished_run_says_so():
    """--resume without a run begins it, and a finished run says so."""
    result = succeeds(resume("threads", 2, "from-nothing"))
    expect(result.out.startswith("No checkpoint in from-nothing: starting from the beginning.\n"), result)
    same_as_reference("from-nothing")
    before = {path: path.stat().st_mtime_ns for path in (harness.work / "from-nothing").rglob("*") if path.is_file()}
    for kind in ("threads", "ranks"):
        result = succeeds(resume(kind, 2, "from-nothing"))
        expect(result.out.startswith("The run in from-nothing is finished: best epoch "), result)
    after = {path: path.stat().st_mtime_ns for path in (harness.work / "from-nothing").rglob("*") if path.is_file()}
    equal(after, before, "a finished run was touched")


def test_a_run_whose_model_was_not_yet_written_is_finished_by_resume():
    """A run whose model was not yet written is finished by --resume."""
    succeeds(fingerspell(*words("unfinished", "--quiet")))
    (harness.work / "unfinished" / "model.safetensors").unlink()
    succeeds(resume("threads", 1, "unfinished", "--quiet"))
    same_as_reference("unfinished")


def test_a_run_without_a_checkpoint_yet_begins_again_in_its_folder():
    """A run without a checkpoint yet begins again in its folder, without a trace of the first attempt."""
    result = interrupt(launched("threads", 1, words("at-once", "--checkpoint-every", "1")), "at-once", signal.SIGKILL, 1)
    for path in checkpoints("at-once"):
        path.unlink()
    succeeds(resume("threads", 2, "at-once", "--quiet"))
    same_as_reference("at-once")
    expect(not (harness.work / "at-once" / "earlier-1").exists(), result)


def test_other_hyperparameters_are_refused_and_each_difference_named():
    """64: other hyperparameters are refused, and each difference named."""
    folder = stopped("other-options")
    before = [path.name for path in checkpoints(folder)]
    result = fingerspell(*words(folder, "--resume", "--batch-size", "16", "--no-dropout", "--seed", "7"))
    fails(result, 64, "the run in other-options differs from this command and cannot be resumed:\n", "\n  --batch-size: 32 in the run, 16 in this command\n",
          "\n  --seed: 1 in the run, 7 in this command\n", "dropout")  # fmt: skip
    expect("--epochs" not in result.err and "--learning-rate" not in result.err, result)
    fails(mpirun(2, *words(folder, "--resume", "--learning-rate", "0.1")), 64, "\n  --learning-rate: 0.001 in the run, 0.1 in")
    equal([path.name for path in checkpoints(folder)], before)
    succeeds(resume("threads", 1, folder, "--quiet"))
    same_as_reference(folder)


def test_other_data_are_refused_the_same_data_at_another_path_are_not():
    """65: other data are refused; the same data at another path are not."""
    folder = stopped("other-data")
    result = fingerspell(*words(folder, "--resume", data=data_folder(700, 41)))
    fails(result, 65, "\n  validation data: SHA-256 ")
    expect("training data" not in result.err, result)
    shutil.copytree(data_folder(700, 40), harness.work / "moved")
    succeeds(fingerspell(*words(folder, "--resume", "--quiet", data="moved")))
    same_as_reference(folder)


def test_another_number_of_workers_is_refused_where_the_result_depends_on_it():
    """Where the result depends on the number of workers, another number is refused."""
    for option in (("--shuffle", "shard"), ("--all-reduce", "mpi")):
        folder = stopped(f"workers-{option[1]}", *option)
        result = resume("threads", 2, folder, *option)
        fails(result, 64, "\n  workers: 1 in the run, 2 in this command\n")
        succeeds(resume("threads", 1, folder, *option))


def test_a_new_run_keeps_the_checkpoints_of_an_earlier_one():
    """A new run keeps the checkpoints of an earlier one."""
    folder = stopped("again")
    names = [path.name for path in checkpoints(folder)]
    succeeds(fingerspell(*words(folder, "--quiet")))
    same_as_reference(folder)
    equal(sorted((path.name for path in checkpoints(f"{folder}/earlier-1")), reverse=True), names)


def test_wrong_use_of_resume_and_checkpoint_every():
    """64: wrong use of --resume and --checkpoint-every."""
    fails(fingerspell("train", "--resume"), 64, "--resume needs --output")
    for number in ("0", "-3"):
        fails(fingerspell("train", "--checkpoint-every", number), 64, f"--checkpoint-every is {number}; it must be at least 1")
    fails(fingerspell("train", "--checkpoint-every", "often"), 64, "--checkpoint-every")


def test_two_jobs_cannot_use_one_run_folder():
    """74: two jobs cannot use one run folder."""
    process = subprocess.Popen(
        [str(w) for w in [harness.program, *words("shared", "--quiet"), "--epochs", "4000", "--patience", "4000"]],
        cwd=harness.work, stdin=subprocess.DEVNULL, env=environment())  # fmt: skip
    try:
        deadline = time.monotonic() + harness.SECONDS
        while not checkpoints("shared") and time.monotonic() < deadline:
            time.sleep(0.01)
        for result in (fingerspell(*words("shared")), fingerspell(*words("shared", "--resume"))):
            fails_with = [f"process {process.pid} on ", "another job is using this run folder", "shared/.fingerspell.lock"]
            expect(result.code == 74 and all(text in result.err for text in fails_with), result)
    finally:
        process.kill()
        process.wait()
    # The lock ends with its process, even though its file is still there.
    expect((harness.work / "shared/.fingerspell.lock").exists(), "a killed process cannot have removed its file")
    result = succeeds(fingerspell(*words("shared", "--quiet")))
    same_as_reference("shared")


def test_a_file_that_may_not_grow_ends_the_run():
    """74: a file that may not grow ends the run, and the last checkpoint stays whole."""
    folder = stopped("limited")
    whole = {path: path.read_bytes() for path in checkpoints(folder)}
    # Threads alone: the memory that ranks share is a file too, and MPI would not come to life. The full disk below has ranks.
    limited = ["bash", "-c", 'ulimit -f 400; exec "$@"', "-", harness.program]
    result = execute([*limited, *words(folder, "--resume", "--checkpoint-every", "1")])
    expect(result.code == 74 and "File too large" in result.err and "checkpoints/step-" in result.err, result)
    equal({path: path.read_bytes() for path in checkpoints(folder)}, whole, "the checkpoints changed")
    succeeds(resume("ranks", 2, folder, "--quiet"))
    same_as_reference(folder)


def mounted(folder, options):
    """Mounts a small file system in memory; nothing if this user may not."""
    (harness.work / folder).mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(harness.work / folder)]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def test_a_full_disk_ends_the_run_after_making_room_it_continues():
    """74: a full disk ends the run; after making room it continues."""
    # Two checkpoints fit, a third does not.
    if not mounted("disk", "size=2900k"):
        print("        (not root: no file system of its own could be mounted; ulimit stands for it above)")
        return
    try:
        result = execute(launched("ranks", 2, words("disk/run", "--checkpoint-every", "4")))
        expect(result.code == 74 and "No space left on device" in result.err and "free some space" in result.err, result)
        left = checkpoints("disk/run")
        expect(left and not list((harness.work / "disk/run").rglob("*.tmp")), left)
        subprocess.run(["mount", "-o", "remount,size=20m", str(harness.work / "disk")], check=True)
        result = succeeds(resume("threads", 2, "disk/run"))
        expect(f"from disk/run/checkpoints/{left[0].name}" in result.out and result.err == "", result)
        same_as_reference("disk/run")
    finally:
        subprocess.run(["umount", "-l", str(harness.work / "disk")], check=True)


def test_a_folder_that_may_not_be_written():
    """74: a folder that may not be written."""
    if os.geteuid() == 0:
        expect(mounted("readonly", "size=1m,ro"), "cannot mount")
    else:
        (harness.work / "readonly").mkdir(mode=0o500)
    try:
        result = fingerspell(*words("readonly"))
        expect(result.code == 74 and "readonly" in result.err and "choose a folder that you can write to" in result.err, result)
        result = mpirun(2, *words("readonly/deeper"))
        expect(result.code == 74 and "cannot create the folder" in result.err, result)
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", "-l", str(harness.work / "readonly")], check=True)
