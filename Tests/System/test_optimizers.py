"""Optimizers, what is monitored, class weights and the time limit: what the options do together."""

import json

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, metrics, model, mpirun, run_json, succeeds
from test_training import history, train

pytestmark = pytest.mark.commandline

# Runs that end only by their time.
LONG = ("train", "--epochs", "100000", "--patience", "none")
OPTIMIZERS = {
    "sgd": ("--momentum", "0.9", "--nesterov"), "rmsprop": ("--momentum", "0.9", "--centered"), "adamw": (), "lion": (),
    "lamb": ("--clip-norm", "0.1"),
}  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_ranks_and_threads_give_the_same_bits(optimizer):
    """Ranks give the bits of threads with every optimizer, and continue what threads began."""
    words = ("--optimizer", optimizer, *OPTIMIZERS[optimizer], "--quiet")
    train(f"{optimizer}-1", *words, "--workers", "1")
    begin = ("train", "--data", data_folder(), "--output", f"{optimizer}-2", "--batch-size", "32", "--resume", *words)
    succeeds(fingerspell(*begin, "--epochs", "1", "--workers", "3"))
    succeeds(mpirun(2, *begin, "--epochs", "3"))
    equal(history(f"{optimizer}-2"), history(f"{optimizer}-1"))


def test_adamw_is_adam_with_its_decay():
    """adamw is adam with a weight decay of 0.004, and a decay that is given holds for both."""
    train("adamw", "--quiet", "--optimizer", "adamw")
    train("adam-004", "--quiet", "--weight-decay", "0.004")
    train("adamw-1", "--quiet", "--optimizer", "adamw", "--weight-decay", "0.1")
    train("adam-1", "--quiet", "--weight-decay", "0.1", "--optimizer", "adam")
    equal(history("adamw"), history("adam-004"))
    equal(history("adamw-1"), history("adam-1"))


def test_another_optimizer_does_not_have_the_recipes_rate():
    """Another optimizer than the recipe's has Keras' learning rate and decay; the recipe's own keeps the recipe's."""
    for optimizer, rate, decay in (("adam", 0.006, 0.1), ("lion", 0.001, 0), ("sgd", 0.01, 0)):
        train("recipe", "--quiet", "--recipe", "best", "--batch-size", "32", "--epochs", "1", "--optimizer", optimizer)
        found = run_json("recipe")["configuration"]
        equal((found["learning_rate"], found["weight_decay"]), (rate, decay), optimizer)


def test_nesterov_needs_momentum():
    """64: Nesterov's momentum without momentum."""
    words = ("train", "--data", data_folder(), "--output", "failed", "--optimizer", "sgd", "--nesterov")
    fails(fingerspell(*words), 64, "--nesterov needs a --momentum above 0.")
    fails(fingerspell(*words[:-1], "--centered"), 64, "--centered is an option of rmsprop; sgd has --momentum, --nesterov.")


def test_a_run_with_another_optimizer_is_another_run():
    """64: a run resumes with its own optimizer only."""
    words = ("--quiet", "--epochs", "1", "--optimizer", "sgd")
    train("own", *words)
    words = ("train", "--data", data_folder(), "--output", "own", "--batch-size", "32", "--resume", *words)
    fails(fingerspell(*words[:-1], "lion"), 64, "--optimizer: sgd in the run, lion in this command")
    fails(fingerspell(*words, "--momentum", "0.5"), 64, "--momentum: 0 in the run, 0.5 in this command")


def test_a_plateau_reduces_the_learning_rate():
    """--schedule plateau reduces the rate when --monitor gets no better, says so, and ends at the lowest rate."""
    words = ("--schedule", "plateau", "--plateau-patience", "1", "--plateau-min-delta", "9", "--plateau-factor", "0.5")
    result = train("plateau", *words, "--epochs", "5", "--plateau-min-rate", "0.0003", "--monitor", "loss")
    equal([float(record["learning_rate"]) for record in metrics("plateau")], [0.001, 0.001, 0.0005, 0.0003, 0.0003])
    expect("Learning rate reduced to 0.0005: loss has not improved for 1 epoch." in result.out, result)
    train("cooled", "--quiet", *words, "--epochs", "5", "--plateau-cooldown", "2", "--workers", "2")
    equal([float(record["learning_rate"]) for record in metrics("cooled")], [0.001, 0.001, 0.0005, 0.0005, 0.00025])


def test_the_monitored_number_chooses_the_epoch():
    """--monitor and --min-delta decide which epoch is best, and when training stops."""
    for monitor, best in (("val_accuracy", max), ("accuracy", max), ("loss", min), ("val_loss", min)):
        train("monitored", "--quiet", "--epochs", "6", "--learning-rate", "0.02", "--patience", "none", "--monitor", monitor)
        values = [float(record[monitor]) for record in metrics("monitored")]
        equal(run_json("monitored")["outcome"]["best_epoch"], values.index(best(values)) + 1, (monitor, values))
    result = train("stopped", "--epochs", "9", "--patience", "2", "--monitor", "accuracy", "--min-delta", "1")
    equal(len(metrics("stopped")), 3)
    expect("Stopped early: accuracy has not improved for 2 epochs." in result.out, result)
    equal(run_json("stopped")["outcome"]["best_epoch"], 1)


@pytest.mark.parametrize("ranks", [0, 2])
def test_a_run_ends_when_its_time_is_over(ranks):
    """--max-time ends a run with its best weights and 0; --resume continues with the same bits."""
    folder = f"timed-{ranks}"
    words = (*LONG, "--data", data_folder(), "--output", folder, "--resume", "--max-time", "2s")
    result = succeeds(mpirun(ranks, *words) if ranks else fingerspell(*words, "--workers", "2"))
    expect("The time is over after step " in result.out and "repeat the same command with --resume" in result.out, result)
    epochs = len(metrics(folder))
    outcome = run_json(folder)["outcome"]
    expect(outcome["is_overtime"] is True and outcome["epochs"] == epochs and 0 < outcome["best_epoch"] <= epochs, outcome)
    expect(f"Best epoch: {outcome['best_epoch']} of {epochs}" in result.out, result)
    equal(model(folder)[1], metrics(folder)[outcome["best_epoch"] - 1]["parameters_sha256"])
    # Continued for some epochs, it is the run that had that length from the start.
    length = ("train", "--epochs", str(epochs + 2), "--patience", "none", "--data", data_folder(), "--quiet", "--output")
    succeeds(fingerspell(*length, folder, "--resume", "--workers", "1"))
    succeeds(fingerspell(*length, f"whole-{ranks}", "--workers", "3"))
    equal(history(folder), history(f"whole-{ranks}"))
    expect("is_overtime" not in run_json(folder)["outcome"], run_json(folder))


def test_a_time_that_is_over_before_an_epoch_is():
    """Without a complete epoch the model has the latest weights, and says that nothing was validated."""
    words = (*LONG, "--data", data_folder(), "--output", "early", "--steps-per-epoch", "1000000", "--max-time", "1")
    result = succeeds(fingerspell(*words))
    expect("No epoch was complete: these weights were not validated." in result.out, result)
    outcome = run_json("early")["outcome"]
    equal((outcome["epochs"], outcome["best_epoch"], outcome["is_overtime"]), (0, 0, True))
    expect("validation_loss" not in outcome and "val_loss" not in model("early")[0]["__metadata__"], outcome)
    succeeds(fingerspell("evaluate", harness.work / "early" / "model.safetensors", "--data", data_folder()))


def test_class_weights_are_part_of_the_run():
    """Class weights are noted by class, and a run resumes with its own only."""
    weights = harness.work / "weights.json"
    weights.write_text(json.dumps({"A": 1.5, "2": 0.25}))
    train("weighted", "--quiet", "--epochs", "1", "--class-weight", str(weights))
    equal(run_json("weighted")["configuration"]["class_weight"], {"A": 1.5, "2": 0.25})
    weights.write_text(json.dumps({"A": 2.5, "2": 0.25}))
    words = ("train", "--data", data_folder(), "--output", "weighted", "--batch-size", "32", "--epochs", "1", "--resume")
    fails(fingerspell(*words, "--class-weight", weights), 64, "--class-weight (A): 1.5 in the run, 2.5 in this command")
    train("balanced", "--quiet", "--epochs", "1", "--class-weight", "balanced")
    equal(run_json("balanced")["configuration"]["class_weight"], "balanced")


BAD_WEIGHTS = {
    "no JSON": ("{", "is no file of class weights: it must be a JSON object of numbers"),
    "a list": ("[1, 2]", "is no file of class weights"),
    "a text": ('{"A": "2"}', "is no file of class weights"),
    "empty": ("", "is no file of class weights"),
    "too large": (" " * (2**20 + 1), "a file of class weights has at most 1048576"),
    "no class": ('{"Z": 2}', "the class weights name 'Z', and there is no such class among the 25"),
    "twice": ('{"0": 2, "a": 1}', "two factors for class 0"),
    "negative": ('{"A": -1}', "the class weight of 'A' is -1.0; it must be a number from 0 to 1000000"),
}


@pytest.mark.parametrize("kind", BAD_WEIGHTS)
def test_bad_class_weights(kind):
    """65: a file of class weights that is none, or is of no class."""
    text, message = BAD_WEIGHTS[kind]
    (harness.work / "bad.json").write_text(text)
    words = ("train", "--data", data_folder(), "--output", "failed", "--class-weight", "bad.json", "--quiet")
    fails(fingerspell(*words), 65, message)
    expect(not (harness.work / "failed").exists(), "a run folder was made")
