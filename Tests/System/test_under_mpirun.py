"""The program under mpirun: one voice, one error, and the exit code that tells its kind."""

import os

import pytest

import harness
from harness import data_folder, equal, execute, expect, fails, fingerspell, mpirun, mpirun_command, succeeds
from test_training import EPOCH_LINE

pytestmark = pytest.mark.commandline


def test_only_rank_0_talks():
    """Only rank 0 talks."""
    words = ("train", "--data", data_folder(), "--epochs", "3", "--output", "voices")
    result = succeeds(mpirun(3, *words))
    equal([EPOCH_LINE.fullmatch(line) is not None for line in result.out.splitlines()[1:4]], [True] * 3, result)
    equal(len(result.out.splitlines()), 6, result)
    expect(result.out.startswith("Training on 96 rows, validating on 40, 3 steps per epoch, 3 workers\n"), result)
    expect("\r" not in result.out and "\x1b" not in result.out, f"a line is redrawn in a file: {result}")
    equal(result.err, "")


def test_a_terminal_of_mpirun_sees_the_bar_too():
    """A terminal after mpirun sees the bar too, where the launcher hands its ranks one."""
    words = [harness.program, "train", "--data", data_folder(), "--epochs", "3", "--output", "seen"]
    code, text = harness.on_terminal([*mpirun_command(2), *words])
    equal(code, 0, text)
    # Open MPI gives its ranks terminals; MPICH gives them pipes, so that they know of none.
    lines = [line for line in text.splitlines() if line.startswith("Epoch 1/3")]
    equal(lines[0].strip() == "Epoch 1/3", harness.implementation() == "openmpi", text)
    equal("\r\x1b[2K" in text, harness.implementation() == "openmpi", text)


def test_help_and_commands_without_workers_are_said_once():
    """Help and commands without workers are said once."""
    equal(mpirun(3, "predict", "--help").out, fingerspell("predict", "--help").out)
    words = ("data", "inspect", data_folder())
    equal(succeeds(mpirun(3, *words)).out, succeeds(fingerspell(*words)).out)


def test_wrong_usage_is_told_once():
    """64: wrong usage is told once."""
    result = mpirun(3, "train", "--epochs", "0")
    fails(result, 64, "fingerspell: --epochs is 0; it must be at least 1.")
    equal(result.err.count("--epochs is 0"), 1, result)
    result = mpirun(2, "train", "-epochs", "3")
    fails(result, 64, "fingerspell: Unknown option '-epochs'. Did you mean '--epochs'?")
    equal(result.err.count("Unknown option"), 1, result)


def test_wrong_usage_of_one_rank_alone_is_told_and_the_rank_named():
    """64: wrong usage of one rank alone is told, and the rank named."""
    words = [harness.program, "train", "--data", data_folder(), "--output", "failed", "--epochs"]
    one = mpirun_command(1)
    result = execute([*one, *words, "1", ":", *one[-2:], *words, "0"])
    fails(result, 64, "rank 1: --epochs is 0; it must be at least 1.")


def test_under_mpirun_the_ranks_are_the_workers():
    """64: under mpirun the ranks are the workers."""
    fails(mpirun(2, "train", "--workers", "3"), 64, "every rank is one worker", "mpirun -n")
    # One worker is what a rank is.
    words = ("train", "--data", data_folder(), "--epochs", "1", "--output", "rank-1", "--quiet")
    succeeds(mpirun(2, *words, "--workers", "1"))


def test_bad_data_in_the_last_ranks_part_are_told_once_by_line_and_column():
    """65: bad data in the last rank's part are told once, by line and column."""
    text = (data_folder() / "sign_mnist_train.csv").read_text().splitlines()
    text[-2] = text[-2].replace(",", ",999,", 1).rsplit(",", 1)[0]
    (harness.work / "late.csv").write_text("\n".join(text) + "\n")
    words = ("train", "--train-csv", "late.csv", "--test-csv", data_folder() / "sign_mnist_test.csv", "--output", "failed")
    result = mpirun(3, *words)
    fails(result, 65, f"fingerspell: late.csv, line {len(text) - 1}, column 2 (pixel1): the pixel 999 is not in 0-255")
    equal(result.err.count("the pixel 999"), 1, result)
    expect(not (harness.work / "failed").exists(), "a run folder was made")


def test_a_file_that_one_rank_alone_misses_the_rank_is_named():
    """65: a file that one rank alone misses; the rank is named."""
    train, test = (data_folder() / f"sign_mnist_{part}.csv" for part in ("train", "test"))
    words = [harness.program, "train", "--test-csv", test, "--output", "failed", "--train-csv"]
    one = mpirun_command(1)
    result = execute([*one, *words, train, ":", *one[-2:], *words, "gone.csv", ":", *one[-2:], *words, train])
    fails(result, 65, "fingerspell: rank 1: gone.csv: cannot be read: No such file or directory")
    equal(result.err.count("gone.csv"), 1, result)
    expect(not (harness.work / "failed").exists(), "a run folder was made")


def test_a_folder_that_one_rank_alone_misses_the_rank_is_named():
    """65: a folder that one rank alone misses; the rank is named."""
    words = [harness.program, "train", "--output", "failed", "--data"]
    one = mpirun_command(1)
    result = execute([*one, *words, data_folder(), ":", *one[-2:], *words, "gone"])
    fails(result, 65, "fingerspell: rank 1: there is no folder gone")


def test_a_run_folder_that_cannot_be_made_ends_all_ranks():
    """74: a run folder that cannot be made ends all ranks."""
    (harness.work / "wall").write_text("")
    result = mpirun(3, "train", "--data", data_folder(), "--output", "wall/run", "--quiet")
    fails(result, 74, "cannot create the folder", "Not a directory")
    equal(result.err.count("cannot create the folder"), 1, result)


def test_shared_memory_without_room_for_the_data_is_told():
    """70: shared memory without room for the data is told, with what is needed and what there is."""
    mount = "mount -t tmpfs -o size=4m tmpfs /dev/shm && exec \"$@\""
    words = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "sh", "-c", mount, "sh"]
    command = [*mpirun_command(2), harness.program, "train", "--quiet", "--output", "no-room"]
    # The synthetic data set does not fit beside the gradient reduction: 4096 + 1024 rows of 785 bytes.
    result = harness.execute([*words, *command], extra={"TMPDIR": "/tmp"})
    expect(result.code not in (0, 1) and "the ranks of a host requested" in result.err, result)
    expect("/dev/shm" in result.err and not (harness.work / "no-room").exists(), result)


def test_shared_memory_that_somebody_fills_during_training_is_told():
    """74: shared memory that somebody fills during training is told, and a checkpoint is there."""
    # When there is a checkpoint, the library's message buffers lose their pages, as if they had not been used yet, and
    # somebody fills the job's own /dev/shm. A library whose buffers have no names there gets the signal itself.
    script = """mount -t tmpfs -o size=64m tmpfs /dev/shm; "$@" & job=$!
    until [ -n "$(ls filled/checkpoints 2> /dev/null)" ]; do sleep 0.05; done
    ranks=$(pgrep -f 'output filled' -P $job); kill -STOP $ranks
    for file in /dev/shm/*; do fallocate --punch-hole --offset 0 --length 4194304 "$file" || kill -BUS $ranks; done
    dd if=/dev/zero of=/dev/shm/filler bs=64k status=none 2> /dev/null; kill -CONT $ranks; wait $job"""
    words = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "sh", "-c", script, "sh"]
    training = ["train", "--data", data_folder(), "--patience", "none", "--quiet", "--output", "filled"]
    result = execute([*words, *mpirun_command(2), harness.program, *training, "--epochs", "100000"], extra={"TMPDIR": "/tmp"})
    equal(result.code, 74, result)
    expect("rank" in result.err and "SIGBUS" in result.err and "df /dev/shm" in result.err, result)
    expect(any((harness.work / "filled/checkpoints").iterdir()), "no checkpoint is left")


def test_a_launchers_variables_that_are_left_over_are_explained():
    """69: a launcher's variables that are left over are explained, not left to the library; doctor starts and says so."""
    script = "env | grep -E '^(OMPI|PMIX|PMI)_' > left-over; true"
    succeeds(execute([*mpirun_command(1), "sh", "-c", script]))
    kept = dict(line.split("=", 1) for line in (harness.work / "left-over").read_text().splitlines() if "=" in line)
    expect(kept, "the launcher has set nothing")
    for words in (("train", "--data", data_folder()), ("evaluate", "m"), ("data", "inspect", data_folder())):
        result = fingerspell(*words, extra=kept)
        fails(result, 69, "is in the environment, but ", "left over from another job", "unset every variable")
        equal(result.err.count("\n"), 1, result)
    folder_there = {**kept, "PMIX_SERVER_TMPDIR": str(harness.work)}  # as mpirun leaves it when it is killed
    rank_alone = {name: kept[name] for name in kept if name == "OMPI_COMM_WORLD_RANK" or name == "OMPI_COMM_WORLD_SIZE"}
    for variables in (folder_there, rank_alone, {"PMIX_RANK": "0"}, {"PMI_RANK": "1", "PMI_SIZE": "2", "PMI_FD": "77"}):
        if variables:
            fails(fingerspell("train", extra=variables), 69, "left over from another job", "unset every variable")
    result = fingerspell("doctor", "--data", data_folder(), extra=kept)
    expect(result.code == 70 and "problem   launch    left-over variables" in result.out and "unset every" in result.out, result)


@pytest.mark.openmpi
def test_doctor_mpiruns_wdir_is_no_difference():
    """doctor: mpirun's -wdir is no difference, and shared memory that suffices is no problem."""
    launcher = mpirun_command(1)
    words = [harness.program, "doctor", "--data", data_folder()]
    line = [*launcher[:-2], "-n", "1", "-wdir", harness.work, *words, ":", "-n", "1", *words]
    result = execute(line)
    expect(result.code == 0 and "problem" not in result.out and "warning" not in result.out.replace("they take turns", ""), result)
    mount = "mount -t tmpfs -o size=$0 tmpfs /dev/shm && exec \"$@\""
    space = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "sh", "-c", mount]
    for size, ranks in (("16m", 8), ("4k", 1)):
        for command, shown in (
            (["doctor"], "ok        memory"), (["train", "--epochs", "1", "--output", f"in-{size}"], "Best epoch")
        ):
            line = [*space, size, *mpirun_command(ranks), harness.program, *command, "--data", data_folder()]
            result = succeeds(execute(line, extra={"TMPDIR": "/tmp"}))
            expect(shown in result.out, result)


@pytest.mark.openmpi
def test_srun_without_pmix_is_named():
    """srun without PMIx is named, with what to do, and is no PMIx launcher."""
    result = fingerspell("train", "--epochs", "1", extra={"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0", "SLURM_STEP_ID": "0"})
    fails(result, 70, "Slurm's srun started 2 processes", "which sees 1", "srun --mpi=pmix")
    expect("PMIx launcher" not in result.err and "PMIX_RANK" not in result.err, result)
    expect(not (harness.work / "runs").exists(), "a run was begun")
