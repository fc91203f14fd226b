"""Runs of `train`: what they print, the run folder, and the same bits on any layout."""

import hashlib
import math
import re

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, metrics, mpirun, run_json, succeeds

pytestmark = pytest.mark.commandline

COLUMNS = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "train_seconds", "epoch_seconds",
           "parameters_sha256"]  # fmt: skip
EPOCHS = 3
EPOCH_LINE = re.compile(
    r"Epoch (\d+)/3 - 3/3 - \d+\.\ds - \d+ samples/s - loss: \d\.\d{4} - accuracy: \d\.\d{4}"
    r" - val_loss: \d\.\d{4} - val_accuracy: \d\.\d{4}"
)


def train(folder, *arguments, ranks=None, **options):
    """Trains on the small set into a folder, quietly, as one process or as ranks."""
    words = ["train", "--data", data_folder(), "--epochs", EPOCHS, "--output", folder, *arguments]
    return succeeds(fingerspell(*words, **options) if ranks is None else mpirun(ranks, *words, **options))


def history(folder):
    """metrics.csv without what differs from run to run: the seconds."""
    return [{k: v for k, v in line.items() if not k.endswith("_seconds")} for line in metrics(folder)]


def reference():
    """A run on one thread, made once."""
    if not (harness.work / "reference").exists():
        train("reference", "--workers", 1, "--quiet")
    return "reference"


def test_a_run_prints_a_line_per_epoch_where_nobody_looks():
    """A run prints a line per epoch where nobody looks, and nothing on standard error."""
    result = train("printed", "--workers", "2")
    equal(result.err, "", "standard error")
    equal([c for c in "\r\x1b" if c in result.out], [], "control characters in a file")
    first, *epochs, best, path = result.out.splitlines()
    equal(first, "Training on 96 rows, validating on 40, 3 steps per epoch, 2 workers")
    equal([EPOCH_LINE.fullmatch(line) and int(EPOCH_LINE.fullmatch(line)[1]) for line in epochs], [1, 2, 3], epochs)
    expect(best.startswith("Best epoch: ") and path == "Model: printed/model.safetensors", result)
    for line, record in zip(epochs, metrics("printed"), strict=True):
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            expect(f" - {name}: {float(record[name]):.4f}" in line, f"{name} of {record} is not in {line}")


def test_metrics_csv_has_the_columns_that_scripts_rely_on():
    """metrics.csv has the columns that scripts rely on."""
    path = harness.work / reference() / "metrics.csv"
    text = path.read_text()
    expect(text.endswith("\n") and "\r" not in text, "line ends")
    equal(text.splitlines()[0].split(",")[: len(COLUMNS)], COLUMNS)
    records = metrics(reference())
    equal([record["epoch"] for record in records], ["1", "2", "3"])
    for record in records:
        for name in COLUMNS[1:-1]:
            value = float(record[name])
            expect(math.isfinite(value) and value >= 0, f"{name} is {record[name]}")
            # Shortest form: Python's is the same but for how it writes exponents.
            equal(len(record[name]), len(repr(value)), f"{name} is {record[name]}, in its shortest form {value!r}")
        expect(re.fullmatch("[0-9a-f]{64}", record["parameters_sha256"]), record)
        expect(float(record["train_seconds"]) <= float(record["epoch_seconds"]), record)
        equal(record["learning_rate"], "0.001")
        for name, rows in [("accuracy", 96), ("val_accuracy", 40)]:
            expect((float(record[name]) * rows).is_integer() or float(record[name]) * rows % 1 < 1e-9, f"{name} of {rows}")


def test_run_json_says_what_was_run():
    """run.json says what was run."""
    run = run_json(reference())
    configuration = {
        "epochs": 3, "batch_size": 32, "learning_rate": 0.001, "patience": 5, "seed": 1, "shuffle": "global", "dropout": 0.3,
    }
    equal({key: run["configuration"][key] for key in configuration}, configuration)
    equal(run["program_version"], succeeds(fingerspell("--version")).out.strip())
    equal(run["command"][1:4], ["train", "--data", str(data_folder())])
    expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", run["started"]), run["started"])
    for key, name in [("training_data", "sign_mnist_train.csv"), ("validation_data", "sign_mnist_test.csv")]:
        file = data_folder() / name
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        equal(run[key], {"source": str(file), "sha256": digest})
    layout = run["machine"]
    equal([layout[key] for key in ("workers", "kind", "workers_per_node")], [1, "threads", [1]])
    expect(len(layout["hosts"]) == 1 and layout["cpu"] and layout["lanes"] in (4, 8, 16) and "mpi" not in layout, layout)
    best = min(metrics(reference()), key=lambda record: float(record["val_loss"]))
    outcome = run["outcome"]
    equal([outcome["epochs"], outcome["best_epoch"]], [3, int(best["epoch"])])
    equal([outcome["validation_loss"], outcome["validation_accuracy"]],
          [float(best["val_loss"]), float(best["val_accuracy"])])  # fmt: skip


def test_model_safetensors_holds_the_best_epochs_parameters():
    """model.safetensors holds the best epoch's parameters, under Keras' names and shapes."""
    header, digest = harness.model(reference())
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    equal({name: entry["shape"] for name, entry in tensors.items()}, harness.TENSORS)
    equal({entry["dtype"] for entry in tensors.values()}, {"F32"})
    best = min(metrics(reference()), key=lambda record: float(record["val_loss"]))
    equal(digest, best["parameters_sha256"])
    equal(header["__metadata__"]["val_loss"], best["val_loss"])


@pytest.mark.parametrize(("kind", "count"), [
    pytest.param(kind, count, id=f"{count} {kind}")
    for kind in ("threads", "ranks")
    for count in (1, 2, 3, 4)
])
def test_every_layout_gives_the_same_model(kind, count):
    """Threads and ranks of any number give the same history and the same model."""
    folder = f"{kind}-{count}"
    if kind == "threads":
        train(folder, "--workers", count, "--quiet")
    else:
        result = train(folder, "--quiet", ranks=count)
        equal((result.out.count("\n"), result.err), (2, ""), result)
    equal(history(folder), history(reference()))
    layout = run_json(folder)["machine"]
    equal([layout[key] for key in ("workers", "kind", "workers_per_node")], [count, kind, [count]])
    equal("mpi" in layout, kind == "ranks", layout)
    header, digest = harness.model(folder)
    equal((header, digest), harness.model(reference()))


def test_without_data_it_trains_on_the_synthetic_set():
    """Without data it trains on the synthetic data set, and says so and how to get the real data."""
    empty = harness.work / "empty"
    empty.mkdir()
    result = succeeds(fingerspell("train", "--epochs", "1", "--steps-per-epoch", "2", cwd=empty))
    head = result.err.splitlines()
    expect(len(head) == 2 and "synthetic data set" in head[0], result)
    expect("kaggle datasets download -d datamunge/sign-language-mnist --unzip -p data" in head[1], result)
    runs = list((empty / "runs").iterdir())
    expect(len(runs) == 1 and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d", runs[0].name), runs)
    equal(sorted(file.name for file in runs[0].iterdir()), harness.RUN_FILES)
    expect("sha256" not in run_json(runs[0])["training_data"], run_json(runs[0]))


def test_without_data_it_finds_the_csvs_in_data():
    """Without --data it finds the CSVs in data/, also in folders of their names."""
    place = harness.work / "found"
    for name in ("sign_mnist_train", "sign_mnist_test"):
        (place / "data" / name).mkdir(parents=True)
        (place / "data" / name / f"{name}.csv").write_bytes((data_folder() / f"{name}.csv").read_bytes())
    words = ("train", "--epochs", EPOCHS, "--output", "run", "--quiet")
    succeeds(fingerspell(*words, cwd=place))
    equal(history(place / "run"), history(reference()))
    equal(run_json(place / "run")["training_data"]["source"], "data/sign_mnist_train/sign_mnist_train.csv")


def test_an_earlier_run_in_the_folder_is_kept():
    """An earlier run in the folder is kept."""
    train("twice", "--quiet", "--seed", 1)
    first = harness.model("twice")
    train("twice", "--quiet", "--seed", 2)
    expect(harness.model("twice") != first, "the second run wrote nothing")
    equal(harness.model("twice/earlier-1"), first)
    equal([len(metrics("twice")), len(metrics("twice/earlier-1"))], [3, 3])


def test_a_run_folder_that_cannot_be_made():
    """74: a run folder that cannot be made."""
    (harness.work / "blocked").write_text("")
    arguments = ("train", "--data", data_folder(), "--output", "blocked/run", "--quiet")
    fails(fingerspell(*arguments), 74, "cannot create the folder", "blocked", "Not a directory")


def test_standard_output_that_takes_no_more():
    """74: standard output that takes no more."""
    with open("/dev/full", "wb") as full:
        arguments = ("train", "--data", data_folder(), "--epochs", "1", "--output", "full")
        fails(fingerspell(*arguments, stdout=full), 74, "cannot write standard output: No space left on device")


def test_a_terminal_sees_a_bar_that_is_redrawn():
    """A terminal sees a bar that is redrawn, and each epoch's results in the end."""
    command = [harness.program, "train", "--data", data_folder(), "--epochs", "3", "--output", "terminal"]
    code, text = harness.on_terminal(command)
    equal(code, 0, text)
    expect(text.count("\r\x1b[2K") >= 3 * 3, f"three epochs are drawn first, when validating, and in the end: {text!r}")
    shown = [line.split("\r\x1b[2K")[-1].strip() for line in text.split("\n")]
    equal([line for line in shown if line.startswith("Epoch")], ["Epoch 1/3", "Epoch 2/3", "Epoch 3/3"])
    results = [line for line in shown if "val_loss: " in line and line.startswith("3/3")]
    equal(len(results), 3, text)
    drawn = [part for line in text.split("\n") for part in line.split("\r\x1b[2K")[1:-1]]
    expect(drawn and all("━" in part or "─" in part for part in drawn), f"no bar: {text!r}")
    equal([part for part in drawn if len(part.strip()) >= 100], [], "lines that wrap on 100 columns")


def test_an_epochs_results_fit_a_terminal_of_80_columns_and_a_narrow_one():
    """An epoch's results fit a terminal of 80 columns, and a narrow one."""
    command = [harness.program, "train", "--data", data_folder(), "--epochs", "2", "--output", "narrow"]
    for columns in (120, 80, 64):
        code, text = harness.on_terminal(command, columns=columns)
        equal(code, 0, text)
        shown = [line.split("\r\x1b[2K")[-1].rstrip() for line in text.split("\n")]
        results = [line for line in shown if "val_loss" in line and line.startswith("3/3")]
        equal(len(results), 2, text)
        equal([line for line in results if len(line) >= columns or "val_acc" not in line], [], f"{columns} columns")
        equal(["samples/s" in line for line in results], [columns == 120] * 2, f"{columns} columns")


def test_quiet_leaves_the_result():
    """--quiet leaves the result, for threads and ranks, and says it again when the run is finished."""
    for ranks in (None, 2):
        folder = f"result-{ranks}"
        result = train(folder, "--quiet", ranks=ranks)
        best, path = result.out.splitlines()
        equal(result.err, "", "standard error")
        expect(best.startswith("Best epoch: ") and path == f"Model: {folder}/model.safetensors", result)
        again = train(folder, "--quiet", "--resume", ranks=ranks)
        expect(again.out.startswith(f"The run in {folder} is finished: best epoch ") and again.out.count("\n") == 1, again)
