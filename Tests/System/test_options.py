"""Every option of `train` does something, and does what it says."""

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, metrics, run_json, succeeds
from test_training import history, reference, train

pytestmark = pytest.mark.commandline

# Options that change what is learnt, and what run.json then says.
CHANGES = [
    (["--seed", "2"], {"seed": 2}),
    (["--batch-size", "16"], {"batch_size": 16}),
    (["--learning-rate", "0.01"], {"learning_rate": 0.01}),
    (["--shuffle", "none"], {"shuffle": "none"}),
    (["--shuffle", "shard", "--workers", "2"], {"shuffle": "shard"}),
    (["--no-dropout"], {"dropout": 0, "recurrent_dropout": 0}),
    (["--dropout", "0.1"], {"dropout": 0.1, "recurrent_dropout": 0.2}),
    (["--recurrent-dropout", "0"], {"dropout": 0.3, "recurrent_dropout": 0}),
    (["--label-smoothing", "0.1"], {"label_smoothing": 0.1}),
    (["--class-weight", "balanced"], {"class_weight": "balanced"}),
    (["--weight-decay", "0.1"], {"weight_decay": 0.1}),
    (["--clip-norm", "0.01"], {"clip_norm": 0.01}),
    (["--ema", "0.5"], {"ema": 0.5}),
    (["--schedule", "cosine"], {"schedule": "cosine"}),
    (["--schedule", "step", "--step-epochs", "1"], {"schedule": "step", "step_epochs": 1, "step_factor": 0.1}),
    (["--warmup-epochs", "1"], {"warmup_epochs": 1}),
    (["--schedule", "plateau", "--plateau-patience", "1", "--plateau-min-delta", "9"], {"plateau_patience": 1, "plateau_factor": 0.1}),
    (["--optimizer", "sgd"], {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0, "nesterov": False}),
    (["--optimizer", "sgd", "--momentum", "0.9"], {"momentum": 0.9, "nesterov": False}),
    (["--optimizer", "sgd", "--momentum", "0.9", "--nesterov"], {"momentum": 0.9, "nesterov": True}),
    (["--optimizer", "rmsprop"], {"rho": 0.9, "momentum": 0, "centered": False, "epsilon": 1e-7}),
    (["--optimizer", "rmsprop", "--rho", "0.5"], {"rho": 0.5}),
    (["--optimizer", "rmsprop", "--centered"], {"centered": True}),
    (["--optimizer", "adamw"], {"optimizer": "adamw", "weight_decay": 0.004, "learning_rate": 0.001}),
    (["--optimizer", "lion"], {"beta1": 0.9, "beta2": 0.99}),
    (["--optimizer", "lamb", "--learning-rate", "0.01"], {"beta1": 0.9, "beta2": 0.999, "learning_rate": 0.01}),
    (["--beta1", "0.5"], {"optimizer": "adam", "beta1": 0.5, "beta2": 0.999}),
    (["--beta2", "0.5"], {"beta2": 0.5}),
    (["--epsilon", "0.01"], {"epsilon": 0.01}),
    (["--standardize"], {"standardize": True}),
    (["--augment"], {}),
    (["--augment", "--augment-noise", "7"], {}),
    (["--validation-split", "0.25"], {"validation_split": 0.25}),
    (["--steps-per-epoch", "2"], {"steps_per_epoch": 2}),
]


@pytest.mark.parametrize(("index", "arguments", "expected"), [
    pytest.param(index, arguments, expected, id=" ".join(arguments))
    for index, (arguments, expected) in enumerate(CHANGES)
])
def test_options_change_what_is_learnt(index, arguments, expected):
    """Each option changes what is learnt, and run.json says so."""
    folder = f"changed-{index}"
    train(folder, "--quiet", *arguments)
    expect(history(folder)[-1]["parameters_sha256"] != history(reference())[-1]["parameters_sha256"], "no change")
    found = run_json(folder)["configuration"]
    equal({key: found[key] for key in expected}, expected)


def test_epochs_ends_the_run():
    """--epochs ends the run."""
    train("one", "--quiet", "--epochs", "1")
    equal(history("one"), history(reference())[:1])


def test_initial_weights_begins_with_a_models_weights():
    """--initial-weights begins with a model's weights."""
    model = harness.work / reference() / "model.safetensors"
    # Steps of 1e-30 leave the weights as they are.
    train("begun", "--quiet", "--initial-weights", model, "--learning-rate", "1e-30", "--epochs", "1")
    best = min(history(reference()), key=lambda record: float(record["val_loss"]))
    equal(history("begun")[0]["val_loss"], best["val_loss"])
    equal(run_json("begun")["initial_weights"], str(model))


def test_initial_weights_that_are_none_or_not_there():
    """65 and 74: initial weights that are none, or not there."""
    (harness.work / "text.safetensors").write_text("these are no weights")
    words = ("train", "--data", data_folder(), "--quiet", "--output", "failed", "--initial-weights")
    fails(fingerspell(*words, "text.safetensors"), 65, "text.safetensors")
    fails(fingerspell(*words, "no.safetensors"), 74, "fingerspell: cannot open no.safetensors: No such file")
    expect(not (harness.work / "failed").exists(), "a run folder was made")


def test_patience_stops_when_validation_gets_no_better():
    """--patience stops when validation gets no better, and the best epoch is kept."""
    model = harness.work / reference() / "model.safetensors"
    words = ("--initial-weights", model, "--learning-rate", "1e-30", "--epochs", "9", "--patience", "2")
    result = train("patient", *words)
    equal([record["epoch"] for record in metrics("patient")], ["1", "2", "3"])
    expect("Stopped early: val_loss has not improved for 2 epochs." in result.out, result)
    equal(run_json("patient")["outcome"]["best_epoch"], 1)


def test_steps_per_epoch_continues_where_the_last_epoch_stopped():
    """--steps-per-epoch continues where the last epoch stopped."""
    # Three steps visit every row once: three epochs of one step take the steps of one epoch of three.
    result = train("steps", "--steps-per-epoch", "1")
    expect("1 step per epoch" in result.out and "Epoch 3/3 - 1/1" in result.out, result)
    equal(history("steps")[-1]["parameters_sha256"], history(reference())[0]["parameters_sha256"])


def test_validation_split_needs_no_test_rows():
    """--validation-split needs no test rows."""
    words = ("train", "--train-csv", data_folder() / "sign_mnist_train.csv", "--validation-split", "0.25", "--epochs", "1")
    result = succeeds(fingerspell(*words, "--output", "split"))
    expect("Training on 72 rows, validating on 24" in result.out, result)
    expect("validation_data" not in run_json("split"), run_json("split"))


def test_a_split_that_leaves_nothing_to_train_on():
    """65: a split that leaves nothing to train on."""
    words = ("train", "--data", data_folder(), "--validation-split", "0.999", "--output", "failed", "--quiet")
    fails(fingerspell(*words), 65, "96 rows leave 0 to train on and 96 to validate on", "validation split")


def test_log_level_chooses_what_is_logged_on_standard_error():
    """--log-level chooses what is logged on standard error."""
    words = ("--epochs", "1", "--workers", "3", "--batch-size", "16")
    warned = train("log-1", *words)
    expect("fingerspell: warning: " in warned.err and "1 of 3 workers" in warned.err, warned)
    expect("info: " not in warned.err, warned)
    informed = train("log-2", *words, "--log-level", "info", "--quiet")
    expect("fingerspell: info: workers are ready" in informed.err and informed.out.count("\n") == 2, informed)
    equal(train("log-3", *words, "--log-level", "error").err, "")
