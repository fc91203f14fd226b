"""Runs whose length is changed by --resume: they end with the very bits of a run that had that length from the start."""

import json
import signal

import pytest

import harness
from harness import data_folder, equal, execute, expect, fails, fingerspell, metrics, run_json, succeeds
from test_resume import checkpoints, interrupt, launched

pytestmark = pytest.mark.commandline

# 700 rows are 22 steps per epoch.
STEPS = 22


def words(folder, epochs, *more, data=None):
    return ["train", "--data", data or data_folder(700, 40), "--epochs", epochs, "--output", folder, "--quiet", *more]


def contents(folder):
    """All that a run leaves, but for seconds and for what says how it came about."""
    lines = [{k: v for k, v in line.items() if not k.endswith("_seconds")} for line in metrics(folder)]
    description = run_json(folder)
    for key in ("command", "started", "resumes", "machine"):
        description.pop(key, None)
    description["outcome"].pop("seconds")
    return lines, description, (harness.work / folder / "model.safetensors").read_bytes()


def same(folder, whole):
    for part, other in zip(contents(folder), contents(whole)):
        expect(part == other, f"{folder} is not {whole}: {str(part)[:2000]}\n{str(other)[:2000]}")


def files(folder):
    """Every file of a run with its time."""
    return {path: path.stat().st_mtime_ns for path in (harness.work / folder).rglob("*") if path.is_file()}


KINDS = {
    "plain": (),
    "in steps": ("--schedule", "step", "--step-epochs", "1", "--step-factor", "0.5"),
    "warmed up": ("--warmup-epochs", "2.5"),
    "kept last": ("--keep", "last"),
    "averaged": ("--ema", "0.9", "--keep", "best"),
    "in short epochs": ("--steps-per-epoch", "9"),
}


@pytest.mark.parametrize(("kind", "options", "number"), [
    pytest.param(kind, options, number, id=kind)
    for number, (kind, options) in enumerate(KINDS.items())
])
def test_a_finished_run_is_extended(kind, options, number):
    """A finished run is extended to the bits of the longer one."""
    before, after = ("threads", "ranks") if number % 2 else ("ranks", "threads")
    folder, whole = f"extended-{number}", f"whole-{number}"
    succeeds(execute(launched(before, 1 + number % 3, words(folder, 2, *options))))
    old = contents(folder)[2]
    result = succeeds(execute(launched(after, 3 - number % 3, words(folder, 4, "--resume", *options))))
    equal(result.err, "")
    succeeds(fingerspell(*words(whole, 4, *options)))
    same(folder, whole)
    equal(len(run_json(folder)["resumes"]), 1)
    expect("--resume" in run_json(folder)["resumes"][0]["command"], run_json(folder))
    # It is finished as any other run, and the shorter run was one indeed.
    before = files(folder)
    succeeds(fingerspell(*words(folder, 4, "--resume", *options)))
    equal(files(folder), before, "a finished run was touched")
    succeeds(fingerspell(*words(f"short-{number}", 2, *options)))
    expect(contents(f"short-{number}")[2] == old, "the run before its extension")


def test_an_extension_is_announced_and_can_be_stopped_and_extended_again():
    """An extension is announced, and can be stopped and extended again."""
    succeeds(fingerspell(*words("twice", 1)))
    arguments = [w for w in words("twice", 3, "--resume", "--checkpoint-every", "1") if w != "--quiet"]
    result = interrupt(launched("threads", 1, arguments), "twice", signal.SIGUSR1, 3)
    equal(result.code, 75, result)
    expect("The run had --epochs 1 --patience 5; it continues with --epochs 3 --patience 5." in result.out, result)
    expect("outcome" not in run_json("twice"), "a run that continues has an outcome")
    succeeds(fingerspell(*words("twice", 4, "--resume")))
    succeeds(fingerspell(*words("in-one-go", 4)))
    same("twice", "in-one-go")


def test_a_run_that_was_stopped_within_an_epoch_is_resumed_as_a_longer_one():
    """A run that was stopped in an epoch's midst continues as a longer one, or as one that ends with the epoch before."""
    succeeds(fingerspell(*words("one-epoch", 1)))
    succeeds(fingerspell(*words("five-epochs", 5)))
    result = interrupt(
        launched("threads", 1, words("midst", 3, "--checkpoint-every", "1")), "midst", signal.SIGUSR1, STEPS + 4)
    equal(result.code, 75, result)
    done = int(checkpoints("midst")[0].name[5:13]) // STEPS
    if done == 1:
        succeeds(fingerspell(*words("midst", 1, "--resume")))
        same("midst", "one-epoch")
    succeeds(fingerspell(*words("midst", 5, "--resume")))
    same("midst", "five-epochs")


# Of these, the loss rises after a few epochs and falls again later.
RESTLESS = ("--learning-rate", "0.01", "--batch-size", "16")


def restless(folder, epochs, patience, *more):
    return words(folder, epochs, "--patience", patience, *RESTLESS, *more, data=data_folder(200, 40))


def test_a_run_that_has_stopped_early_goes_on_with_a_larger_patience():
    """A run that has stopped early continues with a larger patience, as if it had had it from the start."""
    for kind in ("threads", "ranks"):
        folder = f"impatient-{kind}"
        succeeds(execute(launched(kind, 2, restless(folder, 12, "1"))))
        stopped = len(metrics(folder))
        expect(stopped < 12, f"{stopped} epochs: nothing stopped early")
        for number, patience in enumerate(("2", "none")):
            succeeds(execute(launched(kind, 2, restless(folder, 12, patience, "--resume"))))
            succeeds(fingerspell(*restless(f"patient-{kind}-{number}", 12, patience)))
            same(folder, f"patient-{kind}-{number}")
        expect(len(metrics(folder)) == 12 and run_json(folder)["configuration"].get("patience") is None, folder)
        equal(len(run_json(folder)["resumes"]), 2)
        before = files(folder)
        result = fingerspell(*restless(folder, 12, "1", "--resume"))
        fails(result, 64, f"the run in {folder} has trained 12 epochs", "with a patience of 1 it would have stopped before")
        equal(files(folder), before, "a run that was refused was touched")


def test_more_epochs_alone_do_not_wake_a_run_that_has_stopped_early():
    """More epochs alone do not wake a run that has stopped early."""
    succeeds(fingerspell(*restless("asleep", 12, "1")))
    before = files("asleep")
    arguments = [w for w in restless("asleep", 40, "1", "--resume") if w != "--quiet"]
    result = succeeds(fingerspell(*arguments))
    expect(result.out.startswith("The run in asleep is finished: best epoch "), result)
    equal(files("asleep"), before, "a finished run was touched")


def test_fewer_epochs_than_were_trained_are_refused_with_the_number():
    """64: fewer epochs than were trained are refused, with the number."""
    succeeds(fingerspell(*words("trained", 3)))
    before = files("trained")
    for epochs in (1, 2):
        result = fingerspell(*words("trained", epochs, "--resume"))
        fails(result, 64, "the run in trained has trained 3 epochs already", f"this command asks for {epochs}", "at least --epochs 3")
    equal(files("trained"), before, "a run that was refused was touched")


def test_with_the_cosine_schedule_other_epochs_are_refused():
    """64: with the cosine schedule other epochs are refused, with the reason and the way; another patience is not."""
    cosine = ("--schedule", "cosine")
    for recipe in (cosine, ("--recipe", "best", "--patience", "9")):
        folder = "cosine" if recipe == cosine else "best"
        succeeds(fingerspell(*words(folder, 2, *recipe)))
        before = files(folder)
        for kind in ("threads", "ranks"):
            for epochs in (1, 3):
                result = execute(launched(kind, 2, words(folder, epochs, "--resume", *recipe)))
                fails(result, 64, f"\n  --epochs: 2 in the run, {epochs} in this command\n", "every learning rate",
                      f"--initial-weights {folder}/model.safetensors")  # fmt: skip
        equal(files(folder), before, "a run that was refused was touched")
    succeeds(fingerspell(*words("cosine", 2, "--resume", "--patience", "1", *cosine)))
    # Other differences are named beside it, and a run of another schedule is another run.
    fails(fingerspell(*words("cosine", 3, "--resume", "--seed", "2", *cosine)), 64, "--epochs: 2", "--seed: 1 in the run")
    fails(fingerspell(*words("cosine", 2, "--resume")), 64, "--schedule: cosine in the run, constant in this command")
    # The way that is named is one.
    succeeds(fingerspell(*words("further", 1, "--initial-weights", "cosine/model.safetensors")))


def test_a_longer_runs_description_says_what_it_is():
    """A longer run's description says what it is."""
    succeeds(fingerspell(*words("described", 1)))
    succeeds(fingerspell(*words("described", 2, "--resume", "--patience", "7")))
    description = json.loads((harness.work / "described/run.json").read_text())
    equal((description["configuration"]["epochs"], description["configuration"]["patience"]), (2, 7))
    equal(description["outcome"]["epochs"], 2)
