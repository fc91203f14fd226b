"""Holds the program to its one promise: the same bits on any layout. And `prove` and `doctor`, from outside.

Trains one short run on many layouts, and compares parameters_sha256, loss, accuracy, val_loss and val_accuracy of every
epoch: threads and ranks, batch sizes that micro-batches of 8 divide and others, and a build for x86-64-v3, which computes with other
vectors. Runs that must differ show that the comparison would notice. The data are the real ones where ../shared/data has
them, else the synthetic data set.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import harness
from harness import equal, execute, expect, fingerspell, metrics, mpirun_command, succeeds

pytestmark = pytest.mark.layouts

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "parameters_sha256")
LAYOUTS = [("threads", n) for n in (1, 2, 3, 4, 5, 7, 8)] + [("ranks", n) for n in (1, 2, 3, 4, 5, 8)]
BATCH_SIZES = (32, 31, 100, 1000)

# Enough steps for a difference of one bit to reach everything; dropout and validation are on.
EPOCHS = 2
STEPS = {32: 20, 31: 20, 100: 8, 1000: 2}

# All that a recipe may turn on, in batches of 100.
EVERYTHING = ("--recipe best --batch-size 100 --warmup-epochs 0.5 --dropout 0.1 --recurrent-dropout 0.1 "
              "--label-smoothing 0.05 --weight-decay 0.01 --clip-norm 0.25").split()  # fmt: skip

real_data = harness.ROOT / "../shared/data"
references = {}


def data():
    """The folder of the data."""
    if (real_data / "sign_mnist_train.csv").exists():
        return real_data.resolve()
    return harness.data_folder(2400, 500)


def fingerprint(kind, workers, batch_size, *more, program=None):
    """What every layout must have in common: the compared columns of every epoch."""
    words = [program or harness.program, "train", "--quiet", "--data", data(), "--output", "run"]
    words += ["--epochs", EPOCHS, "--steps-per-epoch", STEPS[batch_size], "--batch-size", batch_size]
    start = mpirun_command(workers) if kind == "ranks" else []
    words += ["--workers", workers] if kind == "threads" else []
    succeeds(execute([*start, *words, "--log-level", "error", *more]))
    epochs = [tuple(line[column] for column in COLUMNS) for line in metrics("run")]
    equal(len(epochs), EPOCHS, "epochs")
    return epochs


def reference(batch_size, *more):
    """The run on one thread."""
    if (batch_size, more) not in references:
        references[batch_size, more] = fingerprint("threads", 1, batch_size, *more)
    return references[batch_size, more]


@pytest.mark.parametrize(("kind", "workers", "batch_size"), [
    pytest.param(kind, workers, batch_size, id=f"batch {batch_size}, {workers} {kind}")
    for batch_size in BATCH_SIZES
    for kind, workers in LAYOUTS
])
def test_every_layout_has_the_bits_of_one_thread(kind, workers, batch_size):
    """Any number of threads and ranks has the bits of one thread."""
    equal(fingerprint(kind, workers, batch_size), reference(batch_size))


@pytest.mark.parametrize(("kind", "workers"), [
    pytest.param(kind, workers, id=f"{workers} {kind}")
    for kind, workers in LAYOUTS
])
def test_every_layout_with_everything_on(kind, workers):
    """With all that a recipe may turn on, too."""
    equal(fingerprint(kind, workers, 100, *EVERYTHING), reference(100, *EVERYTHING))


def test_another_seed_dropout_or_batch_size_gives_other_bits():
    """Another seed, no dropout, another batch size: other bits in every epoch."""
    others = [fingerprint("threads", 2, 32, *more) for more in (("--seed", "2"), ("--no-dropout",))] + [reference(31)]
    for other in others:
        for epoch, expected in zip(other, reference(32), strict=True):
            expect(epoch[-1] != expected[-1] and epoch[1] != expected[1], f"{epoch} is {expected}")


def test_all_reduce_mpi_gives_other_bits():
    """--all-reduce mpi: other bits, on threads and ranks; run.json says so."""
    # With 13 micro-batches; of 4, some layouts happen to add in the tree's order.
    runs = [fingerprint(kind, n, 100, "--all-reduce", "mpi") for kind, n in (("threads", 1), ("threads", 3), ("ranks", 3))]
    equal(harness.run_json("run")["configuration"]["all_reduce"], "mpi")
    for run in runs:
        expect(run[-1][-1] != reference(100)[-1][-1], run)
    expect(runs[0] != runs[1], "the sum of one worker's micro-batches in order and that of three are the same")


@pytest.mark.builds
def test_a_build_for_x86_64_v3_gives_the_bits_of_this_machines_build():
    """A build for x86-64-v3: the bits of this machine's build."""
    # A first build takes minutes; later ones are found done. Tests that run meanwhile come first.
    command = ["nice", "-n", "19", harness.ROOT / "launch/build"]
    done = subprocess.run(
        command, env=os.environ | {"FINGERSPELL_CPU": "x86-64-v3"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    expect(done.returncode == 0, done.stderr[-2000:])
    other = done.stdout.strip()
    expect(Path(other).read_bytes() != Path(harness.program).read_bytes(), "both builds are one")
    for batch_size in (32, 31):
        equal(fingerprint("threads", 2, batch_size, program=other), reference(batch_size))
    equal(fingerprint("threads", 2, 100, *EVERYTHING, program=other), reference(100, *EVERYTHING))


PROVE = ("prove", "--data", "DATA", "--steps", "4", "--epochs", "2")


def prove(*more):
    """Runs the prover for few steps."""
    return fingerspell(*(data() if word == "DATA" else word for word in PROVE), *more)


def rows(text):
    """The table's lines, by layout."""
    return {line[:12].strip(): line.split()[2:] for line in text.splitlines() if line[:1].isdigit() and " x " not in line}


def test_prove_ten_layouts_one_model():
    """prove: ten layouts, one model."""
    result = succeeds(prove())
    table = rows(result.out)
    equal(list(table), [f"{n} {kind}{'s' * (n > 1)}" for kind in ("thread", "rank") for n in (1, 2, 3, 4, 7)])
    equal({tuple(row[:2]) for row in table.values()}, {tuple(table["1 thread"])})
    equal([row[2:] for row in table.values()], [[]] + [["same"]] * 9)
    expect(result.out.endswith("bit for bit, on all 10 layouts.\n"), result)


def test_prove_the_recipe_best_too():
    """prove: the recipe best, too."""
    result = succeeds(prove("--recipe", "best", "--workers", "1,3"))
    expect(result.out.startswith("2 x 4 steps of 100 samples, recipe best, seed 1, "), result)
    expect(result.out.endswith("bit for bit, on all 4 layouts.\n"), result)
    others = [{row[0] for row in rows(run.out).values()} for run in (result, succeeds(prove("--workers", "1")))]
    expect(not others[0] & others[1], "the recipe changes nothing")


def test_prove_a_sum_that_depends_on_the_layout_is_caught():
    """prove: a sum that depends on the layout is caught, with exit code 70."""
    result = prove("--all-reduce", "mpi", "--workers", "1,3")
    equal(result.code, 70, result)
    expect("3 threads" in result.out and "DIFFERS from 1 thread in epoch 1, in the parameters" in result.out, result)
    expect("Not reproducible: of 4 layouts, " in result.out, result)


def test_prove_threads_only_starts_no_ranks():
    """prove: --threads-only starts no ranks."""
    result = succeeds(prove("--threads-only", "--workers", "1,5"))
    equal(list(rows(result.out)), ["1 thread", "5 threads"], result)


def test_prove_a_missing_mpirun_is_said_and_is_a_failure():
    """prove: a missing mpirun is said, and is a failure."""
    result = prove("--workers", "2", "--mpirun", "no-such-mpirun")
    equal(result.code, 70, result)
    expect("2 ranks     FAILED: cannot find 'no-such-mpirun' to start ranks; install openmpi-bin" in result.out, result)


def test_prove_what_mpirun_says_when_it_fails_is_passed_on():
    """prove: what mpirun says when it fails is passed on."""
    result = prove("--workers", "1", "--mpirun", mpirun_command(1)[0], "--", "--no-such-option-of-mpirun")
    equal(result.code, 70, result)
    expect("1 rank      FAILED: " in result.out and "ended with exit code" in result.out, result)


def test_prove_under_mpirun_it_prints_the_epochs_of_those_ranks():
    """prove: under mpirun it prints the epochs of those ranks."""
    words = [data() if word == "DATA" else word for word in PROVE]
    result = succeeds(execute([*mpirun_command(3), harness.program, *words]))
    lines = [line.split(",") for line in result.out.splitlines()]
    equal([(line[0], len(line), len(line[5])) for line in lines], [("epoch-fingerprint", 6, 64)] * 2, result)


def test_prove_refuses_what_contradicts_itself():
    """64: prove refuses what contradicts itself."""
    for arguments, text in [
        (("--workers", "1,0"), "'1,0' is invalid for '--workers"), (("--workers", "2,"), "invalid for '--workers"),
        (("--steps", "0"), "--steps is 0"), (("--threads-only", "--mpirun", "x"), "--threads-only starts no ranks"),
    ]:
        harness.fails(fingerspell("prove", *arguments), 64, text)
    harness.fails(
        execute([*mpirun_command(2), harness.program, "prove", "--workers", "2"]), 64, "for a process without mpirun")


def doctor(*words, start=()):
    """Runs the doctor, by default as one process on the data."""
    return execute([*start, harness.program, "doctor", *(words or ("--data", data()))])


def levels(result):
    """The findings' levels and subjects, in order."""
    lines = [line.split()[:2] for line in result.out.splitlines() if line[:1].isalpha()]
    return [tuple(line) for line in lines]


def test_doctor_a_sound_process_has_no_problems():
    """doctor: a sound process has no problems."""
    result = succeeds(doctor())
    equal([subject for _, subject in levels(result)], ["launch", "program", "cores", "data"], result)
    equal({level for level, _ in levels(result)} - {"ok", "warning"}, set(), result)


def test_doctor_ranks_are_looked_at_together():
    """doctor: ranks are looked at together."""
    result = succeeds(doctor(start=mpirun_command(2)))
    for subject in ("launch", "program", "memory", "data", "settings"):
        expect(("ok", subject) in levels(result), result)
    expect("2 ranks on one host" in result.out and "the same on all ranks" in result.out, result)


def test_doctor_more_workers_than_cores_is_a_warning():
    """doctor: more workers than cores is a warning."""
    result = succeeds(doctor("--workers", str(os.cpu_count() + 1)))
    expect(("warning", "cores") in levels(result) and "take turns" in result.out, result)


def test_doctor_a_binding_narrower_than_the_threads_is_a_problem():
    """doctor: a binding narrower than the threads is a problem."""
    core = min(os.sched_getaffinity(0))
    expect(os.cpu_count() > 1, "this machine has one core")
    result = doctor("--workers", "2", start=("taskset", "-c", core))
    equal(result.code, 70, result)
    expect("2 threads may use only 1 of" in result.out and "fix:" in result.out, result)


def test_doctor_variables_that_do_not_get_through_are_a_problem():
    """doctor: variables that do not get through are a problem."""
    result = execute([*mpirun_command(1), "env", "-i", harness.program, "doctor"])
    equal(result.code, 70, result)
    expect(("problem", "launch") in levels(result) and "its variables did not get here" in result.out, result)


def test_doctor_the_launcher_of_another_implementation_is_a_problem():
    """doctor: the launcher of another implementation is a problem."""
    # What the launcher of the other implementation would have set.
    is_open = harness.implementation() == "openmpi"
    hydra = {"PMI_SIZE": "2", "PMI_RANK": "0", "PMI_PORT": "node:1"}
    open_mpi = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0", "PMIX_SERVER_URI41": "1.0;tcp4://127.0.0.1:1"}
    result = execute([harness.program, "doctor"], extra=hydra if is_open else open_mpi)
    equal((result.code, levels(result)), (70, [("problem", "launch")]), result)
    expect("started 2 processes, but this program is linked with" in result.out, result)


def test_doctor_missing_data_are_a_problem_with_exit_code_65():
    """doctor: missing data are a problem with exit code 65."""
    result = doctor("--data", "nowhere")
    equal(result.code, 65, result)
    expect("there is no folder nowhere" in result.out, result)


def test_doctor_different_data_on_different_ranks_are_a_problem():
    """doctor: different data on different ranks are a problem; equal copies at another place are none."""
    one = mpirun_command(1)
    words = [harness.program, "doctor", "--data"]
    folders = harness.data_folder(96, 40), harness.data_folder(96, 41)
    result = execute([*one, *words, folders[0], ":", *one[-2:], *words, folders[1]])
    equal(result.code, 65, result)
    expect("the ranks read different files" in result.out and ("problem", "settings") not in levels(result), result)
    copy = shutil.copytree(folders[0], harness.work / "copy")
    result = execute([*one, *words, folders[0], ":", *one[-2:], *words, copy])
    expect(result.code == 0 and "problem" not in result.out, result)
