"""--config: a run.json repeats its run bit for bit, whatever it was; a file of options is checked like options."""

import json
import shutil

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, mpirun, run_json, succeeds

pytestmark = pytest.mark.commandline


def network():
    """A small network of another kind than the default one."""
    path = harness.work / "network.json"
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28]}},
        {"class_name": "Flatten", "config": {"name": "flatten"}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 16, "activation": "relu"}},
        {"class_name": "Dropout", "config": {"name": "dropout", "rate": 0.25}},
        {"class_name": "Dense", "config": {"name": "dense_1", "units": 25, "activation": "softmax"}},
    ]
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "small", "layers": layers}}))
    return path


def model(folder):
    return (harness.work / folder / "model.safetensors").read_bytes()


def write(name, contents):
    """A file of options."""
    path = harness.work / name
    path.write_text(contents if isinstance(contents, str) else json.dumps(contents))
    return path


def weights():
    return write("weights.json", {"0": 1.5, "B": 2, "7": 0})


def names():
    return write("names.txt", "\n".join(f"letter {i}" for i in range(25)))


RUNS = {
    "keras": lambda: ["--epochs", "2"],
    "best": lambda: ["--recipe", "best", "--epochs", "2", "--augment-noise", "12.5", "--augment-random-erasing", "0"],
    "network": lambda: ["--epochs", "2", "--network", network(), "--class-weight", weights(), "--patience", "none"],
    "balanced": lambda: ["--epochs", "2", "--class-weight", "balanced", "--validation-split", "0.25", "--no-dropout"],
    "sgd": lambda: ["--epochs", "2", "--optimizer", "sgd", "--momentum", "0.9", "--nesterov", "--schedule", "step",
                    "--step-epochs", "1", "--step-factor", "0.3", "--clip-norm", "0.7", "--seed", "18446744073709551615"],
    "rmsprop": lambda: ["--epochs", "3", "--optimizer", "rmsprop", "--centered", "--rho", "0.8", "--schedule", "plateau",
                        "--plateau-patience", "0", "--plateau-min-delta", "10", "--monitor", "accuracy", "--keep", "last"],
    "images": lambda: ["--epochs", "1", "--fit", "pad", "--invert", "--class-names", names(), "--standardize", "--ema", "0.9",
                       "--label-smoothing", "0.1", "--shuffle", "none", "--steps-per-epoch", "2", "--batch-size", "24"],
    "synthetic": lambda: ["--epochs", "1", "--steps-per-epoch", "2"],
}  # fmt: skip


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_is_repeated(kind):
    """A run's run.json gives the same model, on another number of workers, and the same hyperparameters."""
    words = [] if kind == "synthetic" else ["--data", data_folder()]
    succeeds(fingerspell("train", *words, *RUNS[kind](), "--quiet", "--output", kind, "--workers", "2"))
    # What the run read may be gone, but for its data.
    for name in ("network.json", "weights.json"):
        (harness.work / name).unlink(missing_ok=True)
    again = succeeds(fingerspell("train", "--config", f"{kind}/run.json", "--quiet", "--output", f"{kind}-again", "--workers", "1"))
    equal(model(f"{kind}-again"), model(kind), again)
    one, two = run_json(kind), run_json(f"{kind}-again")
    for key in ("configuration", "options", "images", "recipe", "training_data", "validation_data"):
        equal(two.get(key), one.get(key), key)


def test_initial_weights_and_ranks_are_repeated_too():
    """Initial weights are repeated, and ranks may take a file of options."""
    succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", "begin"))
    words = ("--initial-weights", "begin/model.safetensors", "--epochs", "1", "--learning-rate", "1e-4")
    succeeds(fingerspell("train", "--data", data_folder(), *words, "--quiet", "--output", "further"))
    succeeds(mpirun(2, "train", "--config", "further/run.json", "--quiet", "--output", "ranks"))
    equal(model("ranks"), model("further"))


def test_options_override_the_file():
    """What is given on the command line overrides the file, with what then has no part in the run."""
    base = ["--data", data_folder(), "--epochs", "1", "--quiet"]
    succeeds(fingerspell("train", *base, *RUNS["sgd"]()[2:], "--output", "base"))
    for number, (words, expected) in enumerate((
        (["--seed", "2"], {"seed": 2, "optimizer": "sgd", "momentum": 0.9, "step_factor": 0.3}),
        (["--optimizer", "adam"], {"optimizer": "adam", "learning_rate": 0.001, "momentum": None, "beta1": 0.9, "clip_norm": 0.7}),
        (["--optimizer=sgd"], {"optimizer": "sgd", "momentum": 0.9}),
        (["--schedule", "constant"], {"schedule": "constant", "step_factor": None}),
        (["--no-nesterov"], {"nesterov": False, "momentum": 0.9}),
        (["--no-dropout"], {"dropout": 0, "recurrent_dropout": 0}),
        (["--patience", "none", "--keep", "last"], {"patience": None, "keep": "last", "monitor": None}),
        (["--validation-split", "0.5"], {"validation_split": 0.5}),
        (["--augment", "--augment-noise", "3"], {}),
    )):  # fmt: skip
        folder = f"over-{number}"
        succeeds(fingerspell("train", "--config", "base/run.json", *words, "--quiet", "--output", folder))
        found = run_json(folder)["configuration"]
        equal({name: found.get(name) for name in expected}, expected, words)
    equal(run_json("over-8")["configuration"]["augment"]["noise"], 3)
    succeeds(fingerspell("train", "--config", "over-8/run.json", "--no-augment", "--quiet", "--output", "plain"))
    expect("augment" not in run_json("plain")["configuration"], "augmented")
    succeeds(fingerspell("train", "--config", "base/run.json", "--network", network(), "--quiet", "--output", "other"))
    expect("network" in run_json("other")["configuration"] and "dropout" not in run_json("other")["configuration"], "dropout")
    fails(fingerspell("train", "--config", "base/run.json", "--recipe", "best"), 64, "--recipe gives default values, and base/run.json is of a whole run")


def test_a_run_json_lists_what_has_a_part_in_the_run():
    """run.json of another network has no dropout of the default one, and that of another schedule none of its options."""
    succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", "listed", "--network", network()))
    found = set(run_json("listed")["configuration"])
    expect(not found & {"dropout", "recurrent_dropout", "step_epochs", "step_factor", "plateau_factor", "plateau_patience"}, found)
    succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "2", "--quiet", "--output", "listed", "--network", network(), "--resume"))
    expect(not set(run_json("listed")["configuration"]) & {"dropout", "plateau_factor"}, "after a resumption")


def test_an_options_file_of_ones_own():
    """A JSON object of options, in either spelling, with a network and class weights in it."""
    options = {"data": str(data_folder()), "batch_size": 16, "learning-rate": 0.002, "augment": {"noise": 4}, "patience": "none",
               "quiet": True, "output": "own", "epochs": 1, "nesterov": None, "class_weight": {"1": 2.5},
               "network": json.loads(network().read_text())}  # fmt: skip
    succeeds(fingerspell("train", "--config", write("own.json", options), "--epochs", "2"))
    found = run_json("own")["configuration"]
    equal((found["batch_size"], found["learning_rate"], found["epochs"], found["class_weight"]), (16, 0.002, 2, {"1": 2.5}))
    equal((found["augment"]["noise"], found["network"]["config"]["name"], "patience" in found), (4, "small", False))


@pytest.mark.parametrize("contents, code, texts", [
    ({"epoch": 3}, 64, ["bad.json: unknown option 'epoch'. Did you mean 'epochs'?"]),
    ({"batchsize": 3}, 64, ["unknown option 'batchsize'. Did you mean 'batch-size'?"]),
    ({"num_epochs": 3}, 64, ["Did you mean 'epochs'?"]),
    ({"config": "x"}, 64, ["unknown option 'config'"]),
    ({"help": True}, 64, ["unknown option 'help'"]),
    ({"\x1b[31mred": 1}, 64, ["unknown option '\\u{1B}[31mred'"]),
    ({"epochs": 0}, 64, ["--epochs is 0; it must be at least 1.", "--epochs=0 is of bad.json."]),
    ({"epochs": "x"}, 64, ["The value 'x' is invalid for '--epochs", "--epochs=x is of bad.json."]),
    ({"epochs": [1]}, 64, ["bad.json: 'epochs' is a list or an object; it must be one value"]),
    ({"epochs": True}, 64, ["'epochs' is true or false; it must be a number or a text"]),
    ({"data": ""}, 64, ["'data' is empty"]),
    ({"quiet": 1}, 64, ["'quiet' is a number or a text; it must be true or false"]),
    ({"augment": {"nose": 1}}, 64, ["unknown option 'augment_nose'. Did you mean 'augment_noise'?"]),
    ({"network": {"class_name": "Model"}}, 65, ["a model of the class 'Model' is not supported"]),
    ([1], 65, ["bad.json is no file of options"]), ("{", 65, ["bad.json is no file of options"]),
    ({"configuration": {"epochs": 3}}, 65, ["bad.json is no whole run.json of this program"]),
])  # fmt: skip
def test_a_wrong_options_file(contents, code, texts):
    """Unknown keys are refused by name, values are checked like options."""
    write("bad.json", contents)
    fails(fingerspell("train", "--config", "bad.json", "--output", "never"), code, *texts)
    expect(not (harness.work / "never").exists(), "a run folder was made")


def test_other_data_than_the_runs_are_told():
    """A run that is repeated with other contents in its files is warned of."""
    shutil.copytree(data_folder(), harness.work / "copy")
    other = data_folder(64, 40)
    succeeds(fingerspell("train", "--data", "copy", "--epochs", "1", "--quiet", "--output", "first"))
    shutil.copy(other / "sign_mnist_train.csv", harness.work / "copy")
    again = succeeds(fingerspell("train", "--config", "first/run.json", "--quiet", "--output", "second"))
    expect("warning: the training data are others than those of first/run.json" in again.err, again)
    equal(succeeds(fingerspell("train", "--config", "first/run.json", "--data", "copy", "--quiet", "--output", "third")).err, "")


def test_an_earlier_run_json_is_read():
    """A run.json that has all values, as earlier versions wrote it, is read, and its run resumed."""
    succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", "old"))
    path = harness.work / "old/run.json"
    found = json.loads(path.read_text())
    del found["options"]
    found["configuration"] |= {"step_epochs": 10, "step_factor": 0.1, "plateau_cooldown": 0, "plateau_factor": 0.1,
                               "plateau_min_delta": 0.0001, "plateau_min_rate": 0, "plateau_patience": 10}  # fmt: skip
    path.write_text(json.dumps(found))
    succeeds(fingerspell("train", "--config", path, "--data", data_folder(), "--quiet", "--output", "new"))
    equal(model("new"), model("old"))
    succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "2", "--quiet", "--output", "old", "--resume"))
